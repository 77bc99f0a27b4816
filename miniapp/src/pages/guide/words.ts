/** Facts of a guide in words. */
import type { components } from '@/api/schema'

type Item = components['schemas']['Item']
type Material = components['schemas']['miniapp_api__guides__schemas__MaterialView']

const ONLINE: Record<string, string> = {
  none: '要到现场办',
  info: '网上只能查询',
  partial: '网上预审，再到现场',
  full: '全程网上办',
}

/** 原件1份。 */
export function materialNote(material: Material): string {
  const form = material.form ? `${material.form}${material.count ? `${material.count}份` : ''}` : ''
  const free = material.certificate ? '有电子证照可免提交' : ''
  return [form, material.required ? '' : '有这种情况再带', free, material.note ?? ''].filter(Boolean).join('，')
}

/** What it costs: free for some is not free. */
function feeWords(fee: Item['fee']): string {
  if (!fee) return '没有写明'
  return fee.free && !fee.rules.length ? '不收费' : fee.text
}

/** The facts at the top of a guide. */
export function factsOf(item: Item, department: string | null | undefined): { label: string; value: string }[] {
  const promised = item.limits?.promised
  const days = promised === 0 ? '当场办完' : promised ? `${promised}个工作日` : '没有写明'
  return [
    { label: '多久', value: days },
    { label: '多少钱', value: feeWords(item.fee) },
    { label: '跑几趟', value: item.visits === 0 ? '不用跑现场' : item.visits ? `${item.visits}次` : '没有写明' },
    { label: '怎么办', value: ONLINE[item.online?.depth ?? 'none'] ?? '' },
    { label: '归谁管', value: department ?? '没有写明' },
    { label: '电话', value: item.phone ?? '12345' },
  ]
}
