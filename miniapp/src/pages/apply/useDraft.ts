/** A draft of one application (草稿): its answers, circumstances and papers. */
import { addressOf, get, patch, post, remove, type Answer } from '@/api/client'
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
  const choose = (circumstance: string, option: string) => {
    const now = Object.fromEntries((draft.value?.circumstances ?? []).map((each) => [each.id, each.chosen]))
    return save({ options: { ...now, [circumstance]: option } })
  }
  const upload = async (key: string, file: Chosen, progress: (percent: number) => void) => {
    await save()
    const where = '/applications/drafts/{id}/materials/{material}/files'
    const url = addressOf(where, { ...path(), material: key }, { name: file.name })
    take(await send<Draft>(url, file, progress))
  }
  const detach = (file: string) =>
    act(() => remove('/applications/drafts/{id}/files/{file}', { path: { ...path(), file } }))
  const cover = async () => {
    let outcomes: Record<string, string> = {}
    await act(async () => {
      const done = await post('/applications/drafts/{id}/certificates', { path: path(), body: { authorised: true } })
      outcomes = done.outcomes
      return done.draft
    })
    return outcomes
  }

  return { ...form, choose, upload, detach, cover }
}
