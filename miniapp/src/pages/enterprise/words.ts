/** What somebody may do for an enterprise (授权范围), in words. */
export const SCOPES = [
  { value: 'apply', label: '办事', note: '替企业提交申请、补材料' },
  { value: 'pay', label: '缴费' },
  { value: 'view', label: '查看', note: '看企业的申请和证照' },
  { value: 'manage', label: '管理授权', note: '再授权给别人' },
] as const

export type Scope = (typeof SCOPES)[number]['value']

/** 办事、缴费. */
export const scopeWords = (scopes: readonly string[]): string =>
  SCOPES.filter(({ value }) => scopes.includes(value))
    .map(({ label }) => label)
    .join('、')
