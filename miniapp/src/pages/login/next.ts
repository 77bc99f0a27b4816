/** Where to go after logging in: only to pages of ours. */
const OURS = /^pages\/[a-z]+\/[a-z]+(\?[\w=&%.~-]*)?$/
const HOME = 'pages/mine/index'

/** The page of ours that `text` names, or 我的. */
export function ownPage(text: string | undefined): string {
  const page = decoded(text ?? '').replace(/^\//, '')
  return OURS.test(page) && !page.startsWith('pages/login/') ? page : HOME
}

function decoded(text: string): string {
  // H5 has decoded it once, WeChat has not.
  try {
    return text.includes('/') ? text : decodeURIComponent(text)
  } catch {
    return ''
  }
}
