/**
 * A form that is saved as it is typed (保存草稿). What was typed and is not saved yet stays on this device
 * too: a phone that loses its network, or is closed, loses nothing. What two devices changed at once is
 * asked, never written over.
 */
import { computed, ref, type Ref } from 'vue'
import { Problem, loggedOut, sentenceOf } from '@/api/problem'
import { logIn, replace } from '@/platform/navigation'
import { showFault } from '@/platform/scrolling'
import { useTyped, type Answers } from './useTyped'

const PAUSE_MS = 800
const AGAIN_MS = 5_000
const CONFLICT = '这份草稿刚在别的手机或页面上改过。下面是最新的，您刚填的还在，请看一遍。'
const CLASH = '有的地方您在别的手机或页面上也改过，请选用哪个。都标出来了。'
const UNSAVED = '您刚填的还没存上，请再按一次。'
const CHANGED = /_changed$/

interface Saved {
  id: string
  revision: number
  sections: { fields: { name: string; value?: unknown; source: string | null }[] }[]
}
interface Wishes {
  options?: Record<string, string>
}

/** How a kind of form is read and written. */
export interface Room<T, More> {
  name: string
  read: (id: string) => Promise<T>
  write: (id: string, body: { revision: number; answers: Answers } & Partial<More>) => Promise<T>
}

export function useSaved<T extends Saved, More extends Wishes>(room: Room<T, More>) {
  const draft = ref<T | null>(null) as Ref<T | null>
  const fault = ref('')
  const loading = ref(false)
  /** 已保存 10:32 and the like. */
  const saved = ref('')
  const refused = ref('')
  const busy = ref(false)
  /** Options and the like that could not be saved yet. */
  let wanted: Partial<More> = {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> | null = null

  const id = computed(() => draft.value?.id ?? '')
  const typed = useTyped(() => `${room.name}:${id.value}`)
  const { clashes } = typed
  const standing = computed(() => {
    if (clashes.value.length) return '有的地方等您选'
    return typed.any.value ? '还没保存，连上网会自己存' : saved.value || '填一点存一点'
  })

  async function load(which: string): Promise<void> {
    loading.value = true
    fault.value = ''
    try {
      draft.value = await room.read(which)
      typed.restore()
      take(draft.value)
      tellClash()
      void save()
    } catch (error) {
      if (loggedOut(error)) logIn()
      // Handed in already, perhaps in another tab: what became of it is the case's page.
      const { application, bundle } = error instanceof Problem ? error.more : {}
      if (application) replace(`pages/case/detail?id=${String(application)}`)
      if (bundle) replace(`pages/bundle/detail?id=${String(bundle)}`)
      fault.value = sentenceOf(error)
    } finally {
      loading.value = false
    }
  }

  /** Write a field; saved a moment later. */
  function type(name: string, value: unknown): void {
    typed.type(name, value)
    show({ [name]: value })
    soon(PAUSE_MS)
  }

  function soon(pause: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void save(), pause)
  }

  function show(answers: Answers): void {
    for (const section of draft.value?.sections ?? []) {
      for (const field of section.fields) {
        if (field.name in answers) Object.assign(field, { value: answers[field.name], source: 'typed' })
      }
    }
  }

  /** Take what was typed here, or what was changed elsewhere meanwhile. */
  function choose(name: string, mine: boolean): void {
    typed.choose(name, mine)
    if (!mine) show({ [name]: typed.theirs.value[name] })
    refused.value = ''
    tellClash()
    void save()
  }

  function tellClash(): void {
    if (clashes.value.length) refused.value = CLASH
  }

  /** Save what is pending, and options or delivery with it. */
  async function save(more: Partial<More> = {}): Promise<void> {
    clearTimeout(timer)
    while (saving) await saving
    wanted = upon(wanted, more)
    const answers = typed.outgoing()
    if (!draft.value || (!Object.keys(answers).length && !Object.keys(wanted).length)) return
    saving = write(answers, wanted).finally(() => (saving = null))
    await saving
  }

  async function write(answers: Answers, more: Partial<More>): Promise<void> {
    typed.sending(answers)
    try {
      const fresh = await room.write(id.value, { revision: draft.value!.revision, answers, ...more })
      typed.done(answers)
      if (wanted === more) wanted = {}
      take(fresh)
      refused.value = ''
      tellClash()
      saved.value = `已保存 ${new Date().toTimeString().slice(0, 5)}`
    } catch (error) {
      await notSaved(error, answers)
    }
  }

  async function notSaved(error: unknown, answers: Answers): Promise<void> {
    const problem = error instanceof Problem ? error : null
    if (loggedOut(error)) logIn()
    else if (problem?.status === 409 && CHANGED.test(problem.code)) {
      await catchUp(problem)
    } else {
      refused.value = sentenceOf(error)
      // What the API will never take does not hold up what is typed after it; it stays on the page.
      if (problem?.status === 422) {
        typed.drop(answers)
        wanted = {}
      }
      if (!problem || problem.status === 0 || problem.status >= 500) soon(AGAIN_MS)
    }
  }

  /** Another device wrote meanwhile, or what was sent is there and only its answer was lost. */
  async function catchUp(problem: Problem): Promise<void> {
    const known = draft.value?.revision ?? 0
    const fresh = await room.read(id.value).catch(() => null)
    const ours = fresh && take(fresh) && fresh.revision === known + 1
    refused.value = ours ? '' : fresh ? CONFLICT : sentenceOf(problem)
    tellClash()
    soon(ours ? 0 : AGAIN_MS)
  }

  /** Show a newer draft, with what is typed and not saved on top; gives whether all that is new came from here. */
  function take(fresh: T): boolean {
    draft.value = fresh
    const ours = typed.see(Object.fromEntries(fresh.sections.flatMap(({ fields }) => fields.map(({ name, value }) => [name, value]))))
    show(Object.fromEntries(Object.entries(typed.lines.value).map(([name, { mine }]) => [name, mine])))
    return ours
  }

  /** Do something with the draft when all that was typed is saved. */
  async function act(action: () => Promise<T | void>): Promise<boolean> {
    busy.value = true
    refused.value = ''
    try {
      await save()
      const fresh = await action()
      if (fresh) take(fresh)
      return true
    } catch (error) {
      if (loggedOut(error)) logIn()
      else refused.value = sentenceOf(error)
      return false
    } finally {
      busy.value = false
    }
  }

  /** Whether all that stands on the page is saved; where it is not, the page says why. */
  async function complete(): Promise<boolean> {
    if (!typed.any.value) return true
    tellClash()
    refused.value ||= UNSAVED
    await showFault()
    return false
  }

  return { draft, id, fault, loading, standing, clashes, refused, busy, load, type, choose, save, take, act, complete }
}

/** One wish upon another; of options, each stands for itself. */
function upon<More extends Wishes>(first: Partial<More>, then: Partial<More>): Partial<More> {
  const options = { ...first.options, ...then.options }
  return { ...first, ...then, ...(Object.keys(options).length ? { options } : {}) }
}
