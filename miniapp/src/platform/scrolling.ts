/** Showing the end of a page: the newest of a conversation. */
export function toBottom(): void {
  uni.pageScrollTo({ scrollTop: 1_000_000, duration: 0 })
}
