/* What the console's pages need of a script: the form's token for htmx, keys, and questions before
   what cannot be undone. A page declares with data attributes, nothing is written into it. It is
   loaded before the page is shown: who presses before htmx has come is asked all the same. */

document.addEventListener('htmx:configRequest', (event) => {
  event.detail.headers['X-CSRF-Token'] = document.querySelector('meta[name=csrf]').content
})

/* A sentence that something was refused is gone once something else was done. */
document.addEventListener('htmx:beforeRequest', () => {
  const alert = document.getElementById('alert')
  if (alert) alert.replaceChildren()
})

document.addEventListener('htmx:sendError', () => {
  const alert = document.getElementById('alert')
  if (alert) lost(alert)
})

function lost(alert) {
  const words = document.createElement('p')
  words.className = 'problem'
  words.textContent = '网络断了，刚才的操作没有送到。连上后再做一次。'
  alert.replaceChildren(words)
}

const typing = (target) => target.closest('input, textarea, select, [contenteditable]')

/* data-key="n": the key n presses the button or follows the link; Escape leaves a field. */
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && typing(event.target)) event.target.blur()
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
  if (event.key === '?') {
    event.preventDefault()
    const dialog = document.getElementById('keys')
    if (dialog.open) dialog.close()
    else showKeys(dialog)
    return
  }
  if (document.querySelector('dialog[open]')) return
  const wanted = [...document.querySelectorAll('[data-key]')].find(
    (each) => each.dataset.key === event.key.toLowerCase() && !each.disabled && each.checkVisibility(),
  )
  if (!wanted) return
  event.preventDefault()
  if (wanted.matches('input, textarea, select')) wanted.focus()
  else wanted.click()
})

function showKeys(dialog) {
  const list = document.getElementById('keys-list')
  list.replaceChildren()
  for (const each of document.querySelectorAll('[data-key]')) {
    if (!each.checkVisibility()) continue
    const key = document.createElement('dt')
    key.append(Object.assign(document.createElement('kbd'), { textContent: each.dataset.key.toUpperCase() }))
    const words = each.ariaLabel || each.labels?.[0]?.innerText || each.innerText.replace(/\s\S$/, '')
    list.append(key, Object.assign(document.createElement('dd'), { textContent: words }))
  }
  dialog.showModal()
}

/* data-ask="…", at a form or at its button: asked before it is sent. */
document.addEventListener('submit', (event) => {
  const question = event.submitter?.dataset.ask || event.target.dataset.ask
  if (!question || window.confirm(question)) return
  event.preventDefault()
  event.stopImmediatePropagation() // htmx would send it all the same
}, true)

/* data-upload="where" data-into="id": the chosen file is sent by itself, and the answer replaces what
   stands in that element; what was ticked in it stays ticked. */
document.addEventListener('change', async (event) => {
  const { upload, into } = event.target.dataset
  const file = upload && event.target.files[0]
  if (!file) return
  const place = document.getElementById(into)
  const alert = document.getElementById('alert')
  alert.replaceChildren()
  place.setAttribute('aria-busy', 'true')
  try {
    const reply = await fetch(`${upload}?name=${encodeURIComponent(file.name)}`, {
      method: 'POST',
      body: file,
      headers: {
        'X-CSRF-Token': document.querySelector('meta[name=csrf]').content,
        'Content-Type': 'application/octet-stream',
        'HX-Request': 'true',
        'HX-Current-URL': location.href,
      },
    })
    const elsewhere = reply.headers.get('HX-Redirect')
    if (elsewhere) return location.assign(elsewhere)
    const html = await reply.text()
    if (!reply.ok) return htmx.swap(alert, html, { swapStyle: 'innerHTML' })
    const ticked = [...place.querySelectorAll(':checked')].map((each) => each.value)
    htmx.swap(place, html, { swapStyle: 'innerHTML' })
    for (const each of place.querySelectorAll('[type=checkbox]')) each.checked = ticked.includes(each.value)
  } catch {
    lost(alert)
  } finally {
    place.removeAttribute('aria-busy')
  }
})
