// Charts, drawn from the data beside them:
//
//   <figure class="chart">
//     <div data-chart></div>
//     <script type="application/json" class="chart-data">
//       {"type": "bar", "categories": ["Q1", "Q2"], "series": [{"name": "Won", "values": [3, 5]}]}
//     </script>
//   </figure>
//
// type: bar, line, pie, funnel. May add: stacked, horizontal, smooth, area (true); unit ("¥"), decimals (2);
// A series may have links (one address for each category, opened by a click).
import { BarChart, FunnelChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  FunnelChart,
  GridComponent,
  LegendComponent,
  LineChart,
  PieChart,
  TooltipComponent,
]);

const drawn = new Map();
const resizing = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.resize();
});

// ECharts reads neither custom properties nor light-dark(), so the browser works them out first.
function tokens(element) {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    ink: colour('ink'),
    soft: colour('ink-soft'),
    line: colour('line'),
    surface: colour('surface'),
    series: Array.from({ length: 8 }, (_, index) => colour(`chart-${index + 1}`)),
    font: getComputedStyle(element).fontFamily,
  };
  probe.remove();
  return found;
}

function formatter({ unit = '', decimals }) {
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined, {
    minimumFractionDigits: decimals ?? 0,
    maximumFractionDigits: decimals ?? 2,
  });
  return (value) => (value === null || value === undefined ? '–' : unit + format.format(value));
}

function compact(unit = '') {
  const format = new Intl.NumberFormat(document.documentElement.lang || undefined, { notation: 'compact' });
  return (value) => unit + format.format(value);
}

function common(data, look) {
  return {
    color: look.series,
    animationDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 300,
    aria: { enabled: true },
    textStyle: { fontFamily: look.font, fontSize: 12, color: look.soft },
    tooltip: {
      // Rich text is drawn on the canvas; the other mode writes styles into the page, which its policy forbids.
      renderMode: 'richText',
      confine: true,
      backgroundColor: look.surface,
      borderColor: look.line,
      textStyle: { color: look.ink, fontSize: 12 },
      valueFormatter: formatter(data),
    },
    legend: {
      show: data.series.length > 1,
      type: 'scroll',
      bottom: 0,
      icon: 'roundRect',
      itemWidth: 10,
      itemHeight: 10,
      textStyle: { color: look.soft },
    },
  };
}

function axes(data, look) {
  const line = { lineStyle: { color: look.line } };
  const categories = {
    type: 'category',
    data: data.categories,
    axisLine: line,
    axisTick: { show: false },
    axisLabel: { color: look.soft, hideOverlap: true },
    inverse: Boolean(data.horizontal),
  };
  const values = {
    type: 'value',
    splitLine: line,
    axisLabel: { color: look.soft, formatter: compact(data.unit) },
  };
  const [xAxis, yAxis] = data.horizontal ? [values, categories] : [categories, values];
  const bottom = data.series.length > 1 ? 32 : 8;
  return { xAxis, yAxis, grid: { left: 8, right: 16, top: 16, bottom, containLabel: true } };
}

// Lines differ in more than their colour.
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond'];

function onAxes(data, look) {
  const series = data.series.map(({ name, values, links }, index) => ({
    name,
    type: data.type,
    data: values,
    cursor: links?.length ? 'pointer' : 'default',
    symbol: SYMBOLS[index % SYMBOLS.length],
    stack: data.stacked ? 'all' : undefined,
    barMaxWidth: 28,
    itemStyle: data.type === 'bar' && !data.stacked ? { borderRadius: 3 } : undefined,
    smooth: Boolean(data.smooth),
    symbolSize: 6,
    areaStyle: data.area ? { opacity: 0.12 } : undefined,
  }));
  return { ...axes(data, look), series, trigger: 'axis' };
}

function inPieces(data) {
  return data.categories.map((name, index) => ({ name, value: data.series[0]?.values[index] ?? 0 }));
}

function pie(data, look) {
  const whole = {
    name: data.series[0]?.name,
    type: 'pie',
    radius: ['40%', '66%'],
    center: ['50%', '50%'],
    itemStyle: { borderColor: look.surface, borderWidth: 2 },
    label: {
      color: look.soft,
      fontSize: 12,
      lineHeight: 16,
      width: 96,
      overflow: 'truncate',
      formatter: ({ name, percent }) => `${name}\n${Math.round(percent)}%`,
    },
    labelLine: { length: 8, length2: 8, lineStyle: { color: look.line } },
    data: inPieces(data),
  };
  return { series: [whole], trigger: 'item' };
}

// Each stage is narrower than the one before it, whatever it amounts to: the shape says the order, the words how much.
function stages(data) {
  const pieces = inPieces(data);
  return pieces.map(({ name, value }, index) => {
    const before = pieces[index - 1]?.value;
    return { name, value: pieces.length - index, amount: value, part: before ? value / before : null };
  });
}

// Words on a colour: dark on a light one, light on a dark one.
function readableOn(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? '#10151d' : '#ffffff';
}

function funnel(data, look) {
  const show = compact(data.unit);
  const exactly = formatter(data);
  const percent = new Intl.NumberFormat(document.documentElement.lang || undefined, { style: 'percent' });
  // How much of the stage before it a stage is.
  const part = (piece) => (piece.part === null ? '' : `  (${percent.format(piece.part)})`);
  const whole = {
    name: data.series[0]?.name,
    type: 'funnel',
    left: '4%',
    width: '92%',
    top: 8,
    bottom: 8,
    minSize: '52%',
    gap: 2,
    sort: 'none',
    tooltip: { formatter: ({ data: piece }) => `${piece.name}\n${exactly(piece.amount)}${part(piece)}` },
    itemStyle: { borderColor: look.surface, borderWidth: 1 },
    label: { position: 'inside', fontSize: 11.5, fontWeight: 600, formatter: ({ data: piece }) => `${piece.name}  ${show(piece.amount)}${part(piece)}` },
    data: stages(data).map((piece, index) => ({
      ...piece,
      label: { color: readableOn(look.series[index % look.series.length]) },
    })),
  };
  return { series: [whole], trigger: 'item' };
}

const SHAPES = { bar: onAxes, line: onAxes, pie, funnel };

function draw(element) {
  const source = element.parentElement.querySelector('script.chart-data');
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const look = tokens(element);
  const { trigger, ...shape } = SHAPES[data.type](data, look);
  const base = common(data, look);
  const chart = drawn.get(element) ?? begin(element, data);
  chart.setOption({ ...base, ...shape, tooltip: { ...base.tooltip, trigger } }, true);
}

function begin(element, data) {
  const chart = init(element);
  drawn.set(element, chart);
  resizing.observe(element);
  chart.on('click', ({ seriesIndex, dataIndex }) => {
    const link = data.series[seriesIndex]?.links?.[dataIndex];
    if (link) window.location.assign(link);
  });
  return chart;
}

function drawAll() {
  for (const [element, chart] of drawn) {
    if (element.isConnected) continue;
    resizing.unobserve(element);
    chart.dispose();
    drawn.delete(element);
  }
  document.querySelectorAll('[data-chart]').forEach(draw);
}

document.addEventListener('htmx:afterSettle', drawAll);
document.addEventListener('theme:changed', drawAll);
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', drawAll);
else drawAll();
