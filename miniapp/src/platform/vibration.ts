/** Letting the phone vibrate (振动), where it can and may. */
export function vibrate(): void {
  // #ifdef H5
  // A browser vibrates only a page that was tapped, and complains of any other.
  if (!navigator.userActivation?.hasBeenActive) return
  // #endif
  uni.vibrateLong({ fail: () => undefined })
}
