// A WeChat that is played: it runs the built mini-program's own code and writes down what it was asked for.
// node wechat.cjs BUILT '{"call": "openPaper", "given": [...], "downloads": [{"statusCode": 200, "text": ""}],
// "refreshed": {...}, "opens": true}' prints {"asked": [[name, options], ...], "failed": sentence or null}
const [built, script] = process.argv.slice(2)
const { call, given, downloads, refreshed = null, opens = true } = JSON.parse(script)
const kept = { session: { token: 'first', refresh: 'refresh', phone: '138****8000' } }
const saved = {}
const asked = []

const answering = (name, answer) => (options) => {
  const shown = Object.entries(options).filter(([, value]) => typeof value !== 'function')
  asked.push([name, Object.fromEntries(shown)])
  answer(options)
}
global.wx = {
  getSystemInfoSync: () => ({}),
  getStorageSync: (name) => kept[name] ?? '',
  setStorageSync: (name, value) => void (kept[name] = value),
  removeStorageSync: (name) => void delete kept[name],
  downloadFile: answering('downloadFile', ({ success, fail }) => {
    const next = downloads.shift()
    if (!next) return fail({})
    const tempFilePath = `wxfile://tmp_${Object.keys(saved).length}`
    saved[tempFilePath] = next.text
    success({ statusCode: next.statusCode, tempFilePath })
  }),
  request: answering('request', ({ success }) => success({ statusCode: refreshed ? 200 : 401, data: refreshed ?? {} })),
  openDocument: answering('openDocument', ({ success, fail }) => (opens ? success({}) : fail({}))),
  previewImage: answering('previewImage', ({ success, fail }) => (opens ? success({}) : fail({}))),
  getFileSystemManager: () => ({
    readFile: ({ filePath, success, fail }) => (filePath in saved ? success({ data: saved[filePath] }) : fail({})),
  }),
}
global.App = global.Page = global.Component = () => undefined
global.getApp = () => ({})
global.getCurrentPages = () => []

const files = require(`${built}/platform/files.js`)
const told = (failed) => process.stdout.write(JSON.stringify({ asked, failed }))
files[call](...given).then(() => told(null), (problem) => told(problem.detail ?? String(problem)))
