%%% Another module of the server's: has the devices of an account look for news when it asks for attention (XEP-0224); those
%%% of one service only, if it names one.

-module(mod_attention).
-behaviour(gen_mod).

-export([start/2, stop/1, reload/3, depends/2, mod_options/1, mod_doc/0, sent/1]).

-include("xmpp.hrl").

start(Host, _Opts) -> ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50), ok.

stop(Host) -> ejabberd_hooks:delete(user_send_packet, Host, ?MODULE, sent, 50), ok.

reload(_Host, _New, _Old) -> ok.

depends(_Host, _Opts) -> [].

mod_options(_Host) -> [].

mod_doc() -> #{desc => ["Has devices look for news."]}.

sent({#message{from = #jid{luser = U, lserver = S}} = Message, _State} = Acc) ->
    case fxml:get_subtag_with_xmlns(xmpp:encode(Message), <<"attention">>, <<"urn:xmpp:attention:0">>) of
        #xmlel{} = Asked ->
            Jid = fxml:get_tag_attr_s(<<"jid">>, Asked),
            mod_pushsvc:ping(U, S, [{Jid, fxml:get_tag_attr_s(<<"node">>, Asked)} || Jid /= <<>>]);
        false -> ok
    end,
    Acc;
sent(Acc) -> Acc.
