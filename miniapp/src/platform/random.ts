/** A name that nobody can guess: of a conversation, which is a key to it. */

const BYTES = 24
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 24 random letters of 64, by the platform's own strong source. */
export async function unguessable(): Promise<string> {
  const bytes = await random()
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('')
}

function random(): Promise<Uint8Array> {
  // #ifdef H5
  return Promise.resolve(crypto.getRandomValues(new Uint8Array(BYTES)))
  // #endif
  // #ifndef H5
  return new Promise((resolve, reject) => {
    wx.getRandomValues({
      length: BYTES,
      success: ({ randomValues }) => resolve(new Uint8Array(randomValues)),
      fail: () => reject(new Error('no_random')),
    })
  })
  // #endif
}

// #ifndef H5
declare const wx: {
  getRandomValues(options: {
    length: number
    success: (found: { randomValues: ArrayBuffer }) => void
    fail: () => void
  }): void
}
// #endif
