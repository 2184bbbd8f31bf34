-- Another module of the server's: has the devices of an account look for news when it asks for attention (XEP-0224); those
-- of one service only, if it names one.
module:hook("pre-message/bare", function (event)
	local asked = event.stanza:get_child("attention", "urn:xmpp:attention:0");
	if not asked then return; end
	local named = asked.attr.jid and { { jid = asked.attr.jid, node = asked.attr.node } };
	module:fire_event("cloud-notify-ping", { user = event.origin.username, push_services = named });
end);
