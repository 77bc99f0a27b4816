/** Words of an order (缴费单). */
export const STATUS: Record<string, string> = {
  created: '待支付',
  prepaid: '待支付',
  paid: '已支付',
  partly_refunded: '退了一部分',
  refunded: '已退款',
  closed: '已关闭，没有付',
  late: '关闭后才付的，会自动退回',
  void: '不用缴了，会自动退回',
}
/** What is to be done about an order that came to nothing. */
export const ADVICE: Record<string, string> = {
  closed: '这笔缴费已经关掉，没有扣您的钱。还要办的话，点“回去接着办”，再点一次“去缴”就行。',
  late: '这笔钱付得晚了，会原路退给您，不用您管。还要办的话，点“回去接着办”，再缴一次。',
}
export const PAYABLE = ['created', 'prepaid']
export const PAID = ['paid', 'partly_refunded']
