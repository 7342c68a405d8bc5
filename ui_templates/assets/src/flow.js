// The diagram of a flow, with who decided what. Loaded only where one is shown:
//
//   <div class="flow-diagram" data-flow-diagram>
//     <script type="application/json" class="flow-data">{"xml": "<definitions …>", "marks": {"legal": "approve"}}</script>
//   </div>
//
// Without script the list of steps below it says the same.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './styles/flow.css';

/** What stays free around a drawing, in pixels. */
const ROOM = 16;

async function draw(place) {
  const data = JSON.parse(place.querySelector('.flow-data').textContent);
  const canvas = document.createElement('div');
  canvas.className = 'flow-canvas';
  place.append(canvas);
  const viewer = new NavigatedViewer({ container: canvas });
  try {
    await viewer.importXML(data.xml);
  } catch {
    canvas.remove();
    return;
  }
  const drawing = viewer.get('canvas');
  for (const [element, mark] of Object.entries(data.marks)) drawing.addMarker(element, `flow-${mark}`);
  place.classList.add('is-drawn');
  fit(drawing);
  // The styles may come after the script, and a window may change its size.
  new ResizeObserver(() => {
    drawing.resized();
    fit(drawing);
  }).observe(canvas);
}

/** Show the whole drawing in the middle, with a little room around it, and never larger than it is. */
function fit(drawing) {
  const { inner, outer } = drawing.viewbox();
  if (!outer.width || !outer.height) return;
  const scale = Math.min(1, outer.width / (inner.width + 2 * ROOM), outer.height / (inner.height + 2 * ROOM));
  const [width, height] = [outer.width / scale, outer.height / scale];
  const [x, y] = [inner.x + (inner.width - width) / 2, inner.y + (inner.height - height) / 2];
  drawing.viewbox({ x, y, width, height });
}

for (const place of document.querySelectorAll('[data-flow-diagram]')) draw(place);
