/** A draft of one application (草稿): its answers, circumstances and papers. */
import { addressOf, get, patch, post, remove, type Answer } from '@/api/client'
import { Problem } from '@/api/problem'
import { send, type Chosen } from '@/platform/files'
import { useSaved } from './useSaved'

export type Draft = Answer<'/applications/drafts/{id}', 'get'>
export type Material = Draft['materials'][number]

interface More {
  options: Record<string, string>
  delivery: string
}

export function useDraft() {
  const form = useSaved<Draft, More>({
    name: 'draft',
    read: (id) => get('/applications/drafts/{id}', { path: { id } }),
    write: (id, body) => patch('/applications/drafts/{id}', { path: { id }, body: body as never }),
  })
  const { draft, id, save, take, act } = form

  const path = () => ({ id: id.value })
  /** Only what was chosen here is sent: another device may have chosen something else meanwhile. */
  const answer = (circumstance: string, option: string) => save({ options: { [circumstance]: option } })
  const upload = async (key: string, file: Chosen, progress: (percent: number) => void) => {
    await save()
    const where = '/applications/drafts/{id}/materials/{material}/files'
    const url = addressOf(where, { ...path(), material: key }, { name: file.name })
    try {
      take(await send<Draft>(url, file, progress))
    } catch (error) {
      // Only the answer may be lost: then the file is there, and is not sent a second time.
      if (!(error instanceof Problem) || error.status !== 0 || !(await arrived(key))) throw error
    }
  }
  const arrived = async (key: string) => {
    const before = filesOf(draft.value, key)
    const fresh = await get('/applications/drafts/{id}', { path: path() }).catch(() => null)
    if (fresh) take(fresh)
    return filesOf(fresh, key) > before
  }
  const detach = (file: string) =>
    act(() => remove('/applications/drafts/{id}/files/{file}', { path: { ...path(), file } }))
  /** Where a file that was handed in is. */
  const where = (file: string) => addressOf('/applications/drafts/{id}/files/{file}', { ...path(), file })
  const cover = async () => {
    let outcomes: Record<string, string> = {}
    await act(async () => {
      const done = await post('/applications/drafts/{id}/certificates', { path: path(), body: { authorised: true } })
      outcomes = done.outcomes
      return done.draft
    })
    return outcomes
  }

  return { ...form, answer, upload, detach, where, cover }
}

function filesOf(draft: Draft | null, key: string): number {
  return draft?.materials.find((each) => each.key === key)?.files.length ?? 0
}
