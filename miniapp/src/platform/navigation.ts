/** Going from page to page; the API names pages as `pages/booking/index?item=…`. */

const TABS = ['pages/home/index', 'pages/assistant/index', 'pages/mine/index']

/** Open a page of ours by the name that the API gives it. */
export function open(page: string): void {
  const url = page.startsWith('/') ? page : `/${page}`
  const path = url.slice(1).split('?')[0] ?? ''
  if (TABS.includes(path)) uni.reLaunch({ url })
  else uni.navigateTo({ url, fail: () => uni.redirectTo({ url, fail: () => uni.reLaunch({ url: '/pages/home/index' }) }) })
}

/** Replace the page that is shown: going back does not lead here again. */
export function replace(page: string): void {
  uni.redirectTo({ url: page.startsWith('/') ? page : `/${page}` })
}

/** Go back, or home when there is nothing behind. */
export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else uni.reLaunch({ url: '/pages/home/index' })
}

/** The page that is shown, as the API would name it. */
export function here(): string {
  const pages = getCurrentPages()
  const page = pages[pages.length - 1] as { route?: string; $page?: { fullPath?: string } } | undefined
  return (page?.$page?.fullPath ?? page?.route ?? 'pages/home/index').replace(/^\//, '')
}

/** Ask to log in, and come back to the page that is shown. */
export function logIn(): void {
  open(`pages/login/index?next=${encodeURIComponent(here())}`)
}
