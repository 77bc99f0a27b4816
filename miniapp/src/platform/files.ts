/** Choosing a picture or a PDF, sending it, and opening a file that is not for everybody. */
import { authorisation, renewing } from '@/api/client'
import { offline, problemOf, unopened, type Problem } from '@/api/problem'

/** A file that was chosen; its bytes are kept, so that a retry sends the same. */
export interface Chosen {
  name: string
  bytes: ArrayBuffer | Blob
}

const SEND_MS = 120_000

/** Let the citizen choose one file; null when he thinks better of it. */
export function choose(): Promise<Chosen | null> {
  // #ifdef H5
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = 'image/*,application/pdf'
    input.onchange = () => {
      const file = input.files?.[0]
      resolve(file ? { name: file.name, bytes: file } : null)
    }
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
  // #endif
  // #ifndef H5
  return new Promise((resolve) => {
    uni.chooseImage({
      count: 1,
      success: ({ tempFilePaths }) => resolve(read(tempFilePaths[0] ?? '')),
      fail: () => resolve(null),
    })
  })
  // #endif
}

// #ifndef H5
function read(path: string): Promise<Chosen | null> {
  return new Promise((resolve) => {
    uni.getFileSystemManager().readFile({
      filePath: path,
      success: ({ data }) => resolve({ name: path.split('/').pop() ?? '照片', bytes: data as ArrayBuffer }),
      fail: () => resolve(null),
    })
  })
}
// #endif

/** Send a file as the body of a POST; `progress` hears percents where the platform tells them. */
export function send<T>(url: string, file: Chosen, progress: (percent: number) => void): Promise<T> {
  return renewing(() => sendOnce<T>(url, file, progress))
}

function sendOnce<T>(url: string, file: Chosen, progress: (percent: number) => void): Promise<T> {
  // #ifdef H5
  return new Promise((resolve, reject: (problem: Problem) => void) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.timeout = SEND_MS
    for (const [name, value] of Object.entries(authorisation())) request.setRequestHeader(name, value)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded, total }) => progress(total ? Math.round((loaded / total) * 100) : 0)
    request.onload = () => {
      const fine = request.status >= 200 && request.status < 300
      if (fine) resolve(JSON.parse(request.responseText) as T)
      else reject(problemOf(request.status, request.responseText))
    }
    request.onerror = () => reject(offline())
    request.ontimeout = () => reject(offline())
    request.send(file.bytes)
  })
  // #endif
  // #ifndef H5
  progress(0)
  return new Promise((resolve, reject) => {
    uni.request({
      url,
      method: 'POST',
      header: { ...authorisation(), 'Content-Type': 'application/octet-stream' },
      data: file.bytes as ArrayBuffer,
      timeout: SEND_MS,
      success: ({ statusCode, data }) =>
        statusCode >= 200 && statusCode < 300 ? resolve(data as T) : reject(problemOf(statusCode, data)),
      fail: () => reject(offline()),
    })
  })
  // #endif
}

/** Open a paper (PDF) that only its citizen may read. */
export async function openPaper(url: string, name: string): Promise<void> {
  const place = await bring(url)
  // #ifdef H5
  const link = document.createElement('a')
  link.href = place
  link.download = name
  link.click()
  setTimeout(() => putAway(place), 10_000)
  // #endif
  // #ifndef H5
  void name
  await new Promise<void>((resolve, reject) => {
    uni.openDocument({
      ...({ showMenu: true } as object),
      filePath: place,
      fileType: 'pdf',
      success: () => resolve(),
      fail: () => reject(unopened()),
    })
  })
  // #endif
}

/** Bring a file that only its citizen may see to this device; gives its place here. */
export function bring(url: string): Promise<string> {
  return renewing(() => bringOnce(url))
}

async function bringOnce(url: string): Promise<string> {
  // #ifdef H5
  const reply = await fetch(url, { headers: authorisation() }).catch(() => {
    throw offline()
  })
  if (!reply.ok) throw problemOf(reply.status, await reply.text())
  const content = await reply.blob().catch(() => {
    throw offline()
  })
  return URL.createObjectURL(content)
  // #endif
  // #ifndef H5
  return new Promise((resolve, reject) => {
    uni.downloadFile({
      url,
      header: authorisation(),
      timeout: SEND_MS,
      success: async ({ statusCode, tempFilePath }) => {
        if (statusCode === 200) resolve(tempFilePath)
        else reject(problemOf(statusCode, await textOf(tempFilePath)))
      },
      fail: () => reject(offline()),
    })
  })
  // #endif
}

/** A file that was brought is not needed any more. */
export function putAway(place: string): void {
  // #ifdef H5
  URL.revokeObjectURL(place)
  // #endif
  // #ifndef H5
  void place
  // #endif
}

// #ifndef H5
/** What WeChat saved of a refusal: it downloads whatever is answered. */
function textOf(path: string): Promise<string> {
  return new Promise((resolve) => {
    uni.getFileSystemManager().readFile({
      filePath: path,
      encoding: 'utf8',
      success: ({ data }) => resolve(String(data)),
      fail: () => resolve(''),
    })
  })
}
// #endif

/** Show a picture that was brought by WeChat's own means; a browser's page shows it itself. */
export function showPicture(place: string): Promise<void> {
  // #ifdef H5
  void place
  return Promise.resolve()
  // #endif
  // #ifndef H5
  return new Promise((resolve, reject) => {
    uni.previewImage({ urls: [place], success: () => resolve(), fail: () => reject(unopened()) })
  })
  // #endif
}
