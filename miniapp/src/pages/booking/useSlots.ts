/** The days and times of an item in a hall, and what is chosen of them. */
import { computed, ref, watch, type Ref } from 'vue'
import { get } from '@/api/client'
import { CHANNEL } from '@/platform/channel'
import { useLoad } from '@/ui/load'
import { choicesOf, type DayChoice, type Slot } from './days'

export function useSlots(item: Ref<string>, hall: Ref<string>) {
  const day = ref('')
  const slot = ref('')
  const { data, fault, loading, load } = useLoad<DayChoice[]>(async () => {
    const query = { item: item.value, hall: hall.value }
    const [slots, crowds] = await Promise.all([
      get('/appointments/slots', { query: { ...query, channel: CHANNEL } }),
      get('/appointments/crowds', { query }),
    ])
    return choicesOf(slots.days, crowds.days)
  })

  const days = computed(() => data.value ?? [])
  const chosenDay = computed(() => days.value.find((each) => each.date === day.value) ?? null)
  const chosen = computed<Slot | null>(() => chosenDay.value?.slots.find((each) => each.id === slot.value) ?? null)

  watch(days, (found) => {
    // What was chosen stays chosen while it can be had.
    if (!found.some((each) => each.date === day.value && each.state !== 'closed')) {
      day.value = found.find((each) => each.state === 'free')?.date ?? ''
    }
    if (!chosen.value) slot.value = ''
  })
  watch(day, () => {
    if (!chosen.value) slot.value = ''
  })

  return { day, slot, days, chosenDay, chosen, fault, loading, load }
}
