/** A place on a map: WeChat's own in the mini-program, a page of Tencent Maps on H5; both take GCJ-02. */

export interface Place {
  name: string
  address: string
  latitude: number
  longitude: number
}

/** Show a place on a map, from which the phone leads the way. */
export function showOnMap(place: Place): void {
  // #ifdef H5
  const marker = `coord:${place.latitude},${place.longitude};title:${place.name};addr:${place.address}`
  const query = new URLSearchParams({ marker, referer: 'shenban' })
  window.open(`https://apis.map.qq.com/uri/v1/marker?${query}`, '_blank', 'noopener')
  // #endif
  // #ifndef H5
  uni.openLocation(place)
  // #endif
}
