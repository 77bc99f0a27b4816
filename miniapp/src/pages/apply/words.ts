/** Words of an application. */
export const DELIVERIES: Record<string, string> = {
  window: '到窗口领',
  courier: '邮寄到家',
  electronic: '下载电子版',
}
export const OUTCOMES: Record<string, string> = {
  covered: '领到了，不用交',
  not_found: '没有查到，请自己上传',
}

/** 10.00元, from fen (分). */
export function yuan(fen: number): string {
  return `${(fen / 100).toFixed(2)}元`
}
