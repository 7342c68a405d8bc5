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
  // A little smaller than what would fit, so that nothing touches the edge.
  drawing.zoom('fit-viewport', 'auto');
  drawing.zoom(Math.min(drawing.zoom() * 0.94, 1), 'auto');
  place.classList.add('is-drawn');
}

for (const place of document.querySelectorAll('[data-flow-diagram]')) draw(place);
