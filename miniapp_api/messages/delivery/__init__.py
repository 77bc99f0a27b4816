"""How a message leaves the inbox (消息送达): as a WeChat subscribe message, else as an SMS.

`service` plans a delivery in the message's own transaction and sends it after the commit;
`channels` are the two ways out; `subscriptions` count what citizens accepted; `fields` fill a
template; `preferences` keep who wants no SMS.
"""
