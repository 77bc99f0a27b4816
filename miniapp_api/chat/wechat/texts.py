"""What users read in WeChat besides the assistant's answers."""

GREETING = "您好，我是沈办，{city}政务服务的小助手。要办什么事，直接用文字问我就行。"
WORDS_ONLY = "我现在只看得懂文字。您把要办的事打成字发给我，比如：身份证丢了怎么办？"
TROUBLE = "实在抱歉，这会儿没能答上来。请过一会儿再问一次，急事可以打{hotline}。"
DOUBT = "刚才有消息可能没发到您手机上。没看到的话，回复“重发”，我再发一遍。"
AGAIN = "重发"  # what DOUBT asks for
CHOICES = "\n回复数字接着问：\n{listed}"
CUT = "……\n后面的请到小程序里看。"
FIRST_QUESTIONS = ("身份证丢了怎么办", "我要预约大厅", "我的办件到哪一步了")
