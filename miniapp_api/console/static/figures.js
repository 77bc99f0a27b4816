/* Draws the charts of a page: <div class="chart" data-chart='{"labels", "series", "unit", "stacked"}'>
   is a picture of the table that stands beside it. Colours are the console's, light and dark. */

const NAMES = ['--accent', '--warn', '--good', '--bad', '--soft']
const dark = matchMedia('(prefers-color-scheme: dark)')
const still = matchMedia('(prefers-reduced-motion: reduce)')
const charts = new Map()

function colour(place, name) {
  const probe = place.appendChild(document.createElement('i'))
  probe.style.color = `var(${name})`
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function optionOf(place) {
  const { labels, series, unit, stacked } = JSON.parse(place.dataset.chart)
  const [ink, soft, line, card] = ['--ink', '--soft', '--line', '--card'].map((name) => colour(place, name))
  const words = { color: soft, fontSize: 14 }
  const axis = { axisLabel: words, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } } }
  const named = labels.some((label) => label.length > 7) // names of queues stand beside their bars
  const categories = { ...axis, type: 'category', data: labels, inverse: named }
  const values = { ...axis, type: 'value', name: unit, nameTextStyle: words, minInterval: unit === '%' ? 0 : 1 }
  if (named) categories.axisLabel = { ...words, width: 130, overflow: 'truncate', interval: 0 }
  return {
    animation: !still.matches,
    color: NAMES.map((name) => colour(place, name)),
    legend: { textStyle: { color: ink, fontSize: 14 } },
    // Drawn and not HTML: the page's policy lets no style be written into it.
    tooltip: { trigger: 'axis', renderMode: 'richText', backgroundColor: card, textStyle: { color: ink, fontSize: 14 } },
    grid: { left: 8, right: 32, bottom: 8, containLabel: true },
    xAxis: named ? values : categories,
    yAxis: named ? categories : values,
    series: series.map(({ name, kind, values }) => ({
      name, type: kind, data: values, stack: stacked ? 'all' : undefined, barMaxWidth: 28,
    })),
  }
}

function draw() {
  for (const place of document.querySelectorAll('.chart[data-chart]')) {
    if (!charts.has(place)) charts.set(place, echarts.init(place, null, { renderer: 'canvas' }))
    charts.get(place).setOption(optionOf(place), true)
    place.dataset.drawn = 'yes'
  }
}

/* Scripts of a page are deferred: it is there, and so is ECharts. */
if (window.echarts) draw()
dark.addEventListener('change', draw)
addEventListener('resize', () => charts.forEach((chart) => chart.resize()))
