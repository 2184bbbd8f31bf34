%%% Tells pushsvc what happens to the accounts of a host, so that it can wake their phones. For ejabberd 23.01 and later.
%%%
%%%   modules:
%%%     mod_pushsvc:
%%%       component: push.example.org      # the component that pushsvc is
%%%       resume_timeout: 72 hours         # how long a session may hibernate until something comes for it
%%%
%%% What is said is described in pushsvc's documentation, under "Events". mod_push is not loaded beside it. Other modules
%%% may have the devices of an account look for news: mod_pushsvc:ping(User, Server, [{Service, Node}]).

-module(mod_pushsvc).
-behaviour(gen_mod).

-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0, ping/3]).
-export([offline/1, archived/7, copied/2, hibernated/1, queued/3, resumed/1, ended/2, available/1, sent/1, received/1, asked/2,
         removed/2]).

-include("xmpp.hrl").

%% A report has to fit into one stanza: of what is long it is said that it is there, and of a queue the newest will do.
-define(PART, 16000).
-define(WHOLE, 128000).
-define(HOOKS, [{offline_message_hook, offline, 55}, {store_mam_message, archived, 60},
                {c2s_session_pending, hibernated, 50}, {c2s_handle_send, queued, 50},
                {c2s_copy_session, copied, 50}, {c2s_session_resumed, resumed, 50}, {c2s_terminated, ended, 40}, {c2s_self_presence, available, 60},
                {user_send_packet, sent, 60}, {sm_receive_packet, received, 60}, {roster_in_subscription, asked, 60},
                {remove_user, removed, 50}]).

start(Host, _Opts) ->
    [ejabberd_hooks:add(Hook, Host, ?MODULE, Function, Order) || {Hook, Function, Order} <- ?HOOKS],
    ok.

stop(Host) ->
    [ejabberd_hooks:delete(Hook, Host, ?MODULE, Function, Order) || {Hook, Function, Order} <- ?HOOKS],
    ok.

reload(_Host, _New, _Old) -> ok.

depends(_Host, _Opts) -> [].

mod_opt_type(component) -> econf:domain();
mod_opt_type(resume_timeout) -> econf:timeout(second).

mod_options(_Host) -> [component, {resume_timeout, timer:hours(72)}].

mod_doc() -> #{desc => ["Tells pushsvc what happens to accounts."]}.

%% The account: put aside, archived, asked for, read, removed.

offline({Action, #message{to = #jid{luser = U, lserver = S}} = Message} = Acc)
  when Action == offlined; Action == archived ->
    is_withdrawal(Message) orelse report(<<"offline">>, U, S, [Message]),
    Acc;
offline(Acc) -> Acc.

archived(#message{} = Message, U, S, _Peer, _Nick, chat, recv) ->
    %% What nobody is there for is put aside as well.
    There = [session(Resource, Info) || {Resource, Info} <- ejabberd_sm:get_user_info(U, S)],
    There == [] orelse report(<<"archived">>, U, S, <<>>, [identified(Message, U, S)], There),
    Message;
archived(Acc, _U, _S, _Peer, _Nick, _Type, _Direction) -> Acc.

asked(true, #presence{type = subscribe, to = #jid{luser = U, lserver = S}} = Presence) ->
    ejabberd_sm:get_user_resources(U, S) == [] andalso report(<<"offline">>, U, S, [Presence]),
    true;
asked(Acc, _Presence) -> Acc.

received(#message{type = groupchat, to = #jid{luser = U, lserver = S, lresource = <<>>}} = Message) ->
    report(<<"groupchat">>, U, S, [Message]),
    Message;
received(#message{to = #jid{lserver = S, lresource = <<>>}} = Message) ->
    is_withdrawal(Message) andalso send(S, forward(Message)),
    Message;
received(Packet) -> Packet.

%% The session has push enabled, or has not: wherever that was asked for, and whatever the answer will be.
sent({#iq{type = set, sub_els = [Request]} = IQ, State}) ->
    case {xmpp:get_ns(Request), xmpp:get_name(Request)} of
        {<<"urn:xmpp:push:0">>, <<"enable">>} -> {IQ, State#{?MODULE => enabled}};
        {<<"urn:xmpp:push:0">>, <<"disable">>} -> {IQ, maps:remove(?MODULE, State)};
        _ -> {IQ, State}
    end;
sent({#message{from = #jid{luser = U, lserver = S, lresource = R}} = Message, _State} = Acc) ->
    has(Message, <<"displayed">>, <<"urn:xmpp:chat-markers:0">>) andalso report(<<"read">>, U, S, R, [Message], []),
    Acc;
sent(Acc) -> Acc.

removed(U, S) -> report(<<"removed">>, U, S, []).

ping(U, S, Services) ->
    report(<<"ping">>, U, S, <<>>, [], [element(<<"service">>, [{<<"jid">>, Jid}, {<<"node">>, Node}], [])
                                        || {Jid, Node} <- Services]).

%% Sessions. One that does not acknowledge in time loses its connection, and hibernates.

hibernated(#{mgmt_queue := Queue} = State) ->
    Packets = [Packet || {_, _, Packet} <- p1_queue:to_list(Queue)],
    patient(of_session(<<"hibernated">>, State, Packets), lists:any(fun matters/1, Packets)).

queued(#{mgmt_state := pending} = State, Packet, _Result) ->
    case xmpp:is_stanza(Packet) of
        true -> impatient(of_session(<<"queued">>, State, [Packet]), matters(Packet));
        false -> State
    end;
queued(State, _Packet, _Result) -> State.

resumed(State) ->
    is_away(maps:get(pres_last, State, none)) andalso away(State, true),
    case of_session(<<"resumed">>, State, []) of
        #{?MODULE := Timeout} when is_integer(Timeout) -> State#{?MODULE => enabled, mgmt_timeout => Timeout};
        _ -> State
    end.

ended(#{mgmt_state := Management} = State, _Reason) when Management /= inactive, Management /= resumed ->
    of_session(<<"ended">>, State, []);
ended(State, _Reason) -> State.

%% Sessions that have push enabled wait until there is something to come back for, and from then on as others do.

patient(#{?MODULE := enabled, lserver := S} = State, false) ->
    Timeout = mod_stream_mgmt:get_resume_timeout(State),
    mod_stream_mgmt:set_resume_timeout(State#{?MODULE => Timeout}, gen_mod:get_module_opt(S, ?MODULE, resume_timeout));
patient(State, _Matters) -> State.

impatient(#{?MODULE := Timeout} = State, true) when is_integer(Timeout) ->
    mod_stream_mgmt:set_resume_timeout(State#{?MODULE => enabled}, Timeout);
impatient(State, _Matters) -> State.

copied(State, #{?MODULE := Enabled}) -> State#{?MODULE => Enabled};
copied(State, _Old) -> State.

matters(#message{} = Message) ->
    lists:any(fun(El) -> lists:member(xmpp:get_name(El), [<<"encrypted">>, <<"openpgp">>, <<"propose">>]) end,
              xmpp:get_els(Message)) orelse xmpp:get_text(Message#message.body) /= <<>>;
matters(_) -> false.

available({#presence{type = available, priority = Priority} = Presence, State} = Acc) ->
    Before = maps:get(pres_last, State, none),
    is_away(Before) == is_away(Presence) orelse away(State, is_away(Presence)),
    %% Whoever comes back and wants messages gets what was put aside.
    Before == none andalso (Priority == undefined orelse Priority >= 0) andalso of_session(<<"resumed">>, State, []),
    Acc;
available(Acc) -> Acc.

is_away(#presence{show = Show}) -> lists:member(Show, [away, xa, dnd]);
is_away(_) -> false.

away(#{user := U, server := S, resource := R}, Away) -> ejabberd_sm:set_user_info(U, S, R, ?MODULE, Away).

session(Resource, Info) ->
    Away = [{<<"away">>, <<"true">>} || proplists:get_bool(?MODULE, Info)],
    element(<<"session">>, [{<<"resource">>, Resource} | Away], []).

%% What is said.

of_session(Occasion, #{jid := #jid{luser = U, lserver = S, lresource = R}} = State, Packets) ->
    report(Occasion, U, S, R, Packets, []),
    State;
of_session(_Occasion, State, _Packets) -> State.

report(Occasion, U, S, Packets) -> report(Occasion, U, S, <<>>, Packets, []).

report(Occasion, U, S, R, Packets, More) ->
    Session = [{<<"session">>, R} || R /= <<>>],
    Attributes = [{<<"xmlns">>, <<"pushsvc:events:0">>}, {<<"occasion">>, Occasion},
                  {<<"account">>, jid:encode(jid:make(U, S))} | Session],
    send(S, element(<<"event">>, Attributes, More ++ newest(lists:reverse(Packets), U, S, 0, []))),
    ok.

newest([], _U, _S, _Size, Kept) -> Kept;
newest([Packet | Older], U, S, Size, Kept) ->
    Forwarded = forward(Packet),
    case Size + byte_size(fxml:element_to_binary(Forwarded)) of
        Larger when Larger > ?WHOLE, Kept /= [] -> Kept;
        Larger ->
            Known = [{<<"known">>, is_known(U, S, From)} || #jid{} = From <- [xmpp:get_from(Packet)]],
            newest(Older, U, S, Larger, [element(<<"stanza">>, Known, [Forwarded]) | Kept])
    end.

is_known(U, S, From) ->
    {Subscription, _, _} = ejabberd_hooks:run_fold(roster_get_jid_info, S, {none, none, []}, [U, S, From]),
    atom_to_binary(Subscription /= none, utf8).

forward(Packet) ->
    #xmlel{children = Children} = Stanza = xmpp:encode(Packet, ?NS_CLIENT),
    Short = fxml:replace_tag_attr(<<"xmlns">>, ?NS_CLIENT, Stanza#xmlel{children = [shortened(C) || C <- Children]}),
    element(<<"forwarded">>, [{<<"xmlns">>, ?NS_FORWARD}], [Short]).

shortened(#xmlel{name = Name} = Child) ->
    case byte_size(fxml:element_to_binary(Child)) of
        Size when Size < ?PART -> Child;
        _ when Name == <<"body">> -> Child#xmlel{children = [{xmlcdata, <<"…"/utf8>>}]};
        _ -> Child#xmlel{children = []}
    end;
shortened(Text) -> Text.

identified(Message, U, S) ->
    case xmpp:get_meta(Message, stanza_id, undefined) of
        undefined -> Message;
        Id -> xmpp:append_subtags(Message, [#stanza_id{by = jid:make(U, S), id = integer_to_binary(Id)}])
    end.

is_withdrawal(Message) -> % of a push service that takes no more publishes (XEP-0357, section 8)
    case fxml:get_subtag_with_xmlns(xmpp:encode(Message), <<"pubsub">>, ?NS_PUBSUB) of
        #xmlel{} = Pubsub ->
            Lists = [Pubsub | [List || #xmlel{} = List <- [fxml:get_subtag(Pubsub, <<"affiliations">>)]]],
            lists:any(fun(List) ->
                              fxml:get_path_s(List, [{elem, <<"affiliation">>}, {attr, <<"affiliation">>}]) == <<"none">>
                      end, Lists);
        false -> false
    end.

has(Message, Name, Namespace) ->
    lists:any(fun(El) -> xmpp:get_name(El) == Name andalso xmpp:get_ns(El) == Namespace end, xmpp:get_els(Message)).

element(Name, Attributes, Children) -> #xmlel{name = Name, attrs = Attributes, children = Children}.

send(S, Content) ->
    Component = gen_mod:get_module_opt(S, ?MODULE, component),
    %% While it is not connected it would be looked for among other servers.
    ejabberd_router:is_my_route(Component) andalso
        ejabberd_router:route(#message{from = jid:make(S), to = jid:make(Component), sub_els = [Content]}).
