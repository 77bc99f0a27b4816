/** Speaking instead of typing (语音输入), where the browser can listen; the mini-program has no such way of its own. */

interface Recognition {
  lang: string
  onresult: (event: { results: { [n: number]: { [n: number]: { transcript: string } } } }) => void
  onerror: () => void
  onend: () => void
  start: () => void
}

function maker(): (new () => Recognition) | undefined {
  let found: (new () => Recognition) | undefined
  // #ifdef H5
  found = (window as unknown as { webkitSpeechRecognition?: new () => Recognition }).webkitSpeechRecognition
  // #endif
  return found
}

/** Whether this platform can listen. */
export function listens(): boolean {
  return maker() !== undefined
}

/** Listen once; what was heard, or empty. */
export function listen(): Promise<string> {
  const Made = maker()
  if (!Made) return Promise.resolve('')
  return new Promise((resolve) => {
    const recognition = new Made()
    recognition.lang = 'zh-CN'
    recognition.onresult = (event) => resolve(event.results[0]?.[0]?.transcript ?? '')
    recognition.onerror = () => resolve('')
    recognition.onend = () => resolve('')
    recognition.start()
  })
}
