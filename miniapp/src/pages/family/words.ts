/** Consents in words (代办授权的说法). */
export const RELATIONS: Record<string, string> = {
  child: '孩子',
  elder: '长辈',
  spouse: '配偶',
  other: '亲友',
  employee: '员工',
}
