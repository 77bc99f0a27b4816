/** Paying an order: within WeChat by its own sheet, in a browser on WeChat Pay's page, which leads back here. */
import { post } from '@/api/client'

/** Start paying; whether it was paid is asked of our API, never believed of this. */
export async function pay(order: string): Promise<void> {
  // #ifdef H5
  const { url } = await post('/payments/orders/{id}/browser', { path: { id: order } })
  const back = encodeURIComponent(`${location.origin}/pages/payment/detail?id=${order}`)
  // WeChat Pay looks where one comes from, and our pages tell nobody else: this one link does.
  const link = document.createElement('a')
  link.referrerPolicy = 'origin'
  link.href = `${url}${url.includes('?') ? '&' : '?'}redirect_url=${back}`
  link.click()
  // #endif
  // #ifndef H5
  const prepared = await post('/payments/orders/{id}/prepay', { path: { id: order }, body: { openid: null } })
  await new Promise<void>((resolve) => {
    uni.requestPayment({
      ...({ provider: 'wxpay', orderInfo: '' } as object),
      timeStamp: prepared.timeStamp,
      nonceStr: prepared.nonceStr,
      package: prepared.package,
      signType: 'RSA',
      paySign: prepared.paySign,
      // Paid, given up or broken off: the page asks the API what became of the order.
      complete: () => resolve(),
    } as unknown as UniApp.RequestPaymentOptions)
  })
  // #endif
}
