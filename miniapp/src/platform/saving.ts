/** Giving the citizen a file: a download on H5, a file to pass on in the mini-program. */

/** Save a text as a file; rejects when the phone does not let us. */
export function saveText(name: string, text: string, type: string): Promise<void> {
  // #ifdef H5
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  return Promise.resolve()
  // #endif
  // #ifndef H5
  void type
  return share(name, text)
  // #endif
}

// #ifndef H5
interface WeChat {
  env: { USER_DATA_PATH: string }
  shareFileMessage(options: { filePath: string; fileName: string; success: () => void; fail: () => void }): void
}
declare const wx: WeChat

function share(name: string, text: string): Promise<void> {
  const filePath = `${wx.env.USER_DATA_PATH}/${name}`
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error('not_saved'))
    uni.getFileSystemManager().writeFile({
      filePath,
      data: text,
      encoding: 'utf8',
      fail: failed,
      success: () => wx.shareFileMessage({ filePath, fileName: name, success: resolve, fail: failed }),
    })
  })
}
// #endif
