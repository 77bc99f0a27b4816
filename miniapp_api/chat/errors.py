"""The refusals of chat."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class ConversationNotFound(Refusal):
    """No such conversation, or it belongs to somebody else: which one is not said."""

    status, code, title = 404, "conversation_not_found", "没有找到这个会话，请重新开始"


class StillAnswering(Refusal):
    """The same message is being answered right now."""

    status, code, title = 409, "still_answering", "上一条消息正在处理，请稍等"


class MessageNotFound(Refusal):
    """No such answer in this conversation."""

    status, code, title = 404, "answer_not_found", "没有找到这条回答"


class QuestionNotFound(Refusal):
    """No such question."""

    status, code, title = 404, "question_not_found", "没有找到这个问题"


class QuestionSettled(Refusal):
    """Somebody settled the question before."""

    status, code, title = 409, "question_settled", "这个问题别人已经处理了"


class HandoverNotFound(Refusal):
    """No such hand-over, or none that is open."""

    status, code, title = 404, "handover_not_found", "没有找到这个会话，可能已经结束了"


class HandoverTaken(Refusal):
    """Another agent has it."""

    status, code, title = 409, "handover_taken", "这位市民已经由其他坐席接待了"


class HandoverNotAllowed(Refusal):
    """The state of the hand-over does not allow this; `state` says which it is in."""

    status, code, title = 409, "handover_not_allowed", "现在不能这样操作，请刷新后再看"
