/* The screen listens to the hall's calls (server-sent events). The browser connects again by itself and
   names the last call that it saw, so that none is missed; what was shown is never spoken twice. */

const hall = document.body.dataset.hall
const heartbeat = Number(document.body.dataset.heartbeat) * 1000
const SHOWN = 6 // calls beside the latest
const QUEUES = 12 // queues at a time
const TURN_MS = 8_000 // until the next queues are shown
const TWICE = 2 // times a call is spoken
const AGAIN_MS = 3_000

const $ = (id) => document.getElementById(id)
const state = { calls: [], names: new Map(), waiting: {}, page: 0, heard: Date.now(), source: null }

const clockOf = (when) => new Date(when).toTimeString().slice(0, 5)
const windowOf = (call) => `请到 ${Number(call.window) || call.window} 号窗口`

function element(tag, ...children) {
  const made = document.createElement(tag)
  made.append(...children)
  return made
}

// -- calls --------------------------------------------------------------------------------------

function called(call) {
  const known = state.calls.find((each) => each.id === call.id)
  if (known) return
  state.calls = [call, ...state.calls].sort((a, b) => b.id - a.id).slice(0, SHOWN + 1)
  showCalls()
  if (state.calls[0] !== call) return
  $('latest').classList.remove('new')
  void $('latest').offsetWidth // so that the animation begins anew
  $('latest').classList.add('new')
  speak(call.spoken)
}

function showCalls() {
  const [latest, ...recent] = state.calls
  $('number').textContent = latest ? latest.number : '—'
  $('where').textContent = latest ? windowOf(latest) : '请留意叫号'
  $('calls').replaceChildren(
    ...recent.map((call) => element('li', element('span', call.number), element('span', windowOf(call)))),
  )
}

// -- who waits ----------------------------------------------------------------------------------

function showWaiting() {
  const busy = [...state.names].filter(([queue]) => state.waiting[queue])
  const pages = Math.max(1, Math.ceil(busy.length / QUEUES))
  const start = (state.page % pages) * QUEUES
  const shown = busy.slice(start, start + QUEUES)
  const lines = shown.map(([queue, name]) => element('li', element('span', name), element('span', `${state.waiting[queue]}人`)))
  $('queues').replaceChildren(...(lines.length ? lines : [element('li', '现在没有人等候')]))
}

setInterval(() => {
  state.page += 1
  showWaiting()
}, TURN_MS)

// -- voice --------------------------------------------------------------------------------------

let aloud = false

/* Browsers speak only after somebody touched the page. Each utterance waits for the one before. */
$('sound').addEventListener('click', () => {
  aloud = !aloud
  $('sound').textContent = aloud ? '关闭声音' : '开启声音'
  $('sound').setAttribute('aria-pressed', String(aloud))
  if (!aloud) window.speechSynthesis?.cancel()
})

function speak(words) {
  if (!aloud || !window.speechSynthesis) return
  for (let time = 0; time < TWICE; time += 1) {
    const said = new SpeechSynthesisUtterance(words)
    said.lang = 'zh-CN'
    said.rate = 0.9
    window.speechSynthesis.speak(said)
  }
}

// -- the line -----------------------------------------------------------------------------------

function alive() {
  state.heard = Date.now()
  $('lost').hidden = true
}

function lost() {
  $('lost').hidden = false
  $('lost').textContent = `连接断开，正在重连。屏上是 ${clockOf(state.heard)} 的叫号，请以现场广播为准。`
}

function connect() {
  state.source?.close()
  const source = new EventSource(`/hall/${encodeURIComponent(hall)}/stream`)
  state.source = source
  source.addEventListener('open', alive)
  source.addEventListener('error', () => {
    lost()
    // An answer that is no stream ends it for good: then we begin anew.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS)
  })
  source.addEventListener('alive', alive)
  source.addEventListener('call', (event) => {
    alive()
    called(JSON.parse(event.data))
  })
  source.addEventListener('waiting', (event) => {
    alive()
    state.waiting = JSON.parse(event.data)
    showWaiting()
  })
  source.addEventListener('snapshot', (event) => {
    alive()
    const board = JSON.parse(event.data)
    state.names = new Map(board.queues.map((each) => [each.queue, each.name]))
    state.waiting = Object.fromEntries(board.queues.map((each) => [each.queue, each.waiting]))
    state.calls = board.calls.slice(0, SHOWN + 1)
    showCalls()
    showWaiting()
  })
}

/* A line may die without a word: who hears nothing for two beats calls again. */
setInterval(() => {
  $('clock').textContent = clockOf(Date.now())
  if (Date.now() - state.heard > 2 * heartbeat + AGAIN_MS) {
    lost()
    state.heard = Date.now() - heartbeat
    connect()
  }
}, 1000)

connect()
