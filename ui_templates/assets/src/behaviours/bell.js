// <a data-bell="address of a stream">: how many notifications are unread, while the page is looked at. The server gives
// only a few pages an open line and sends the others away to ask again later; the browser does that by itself.

export function start() {
  const bell = document.querySelector('[data-bell]');
  if (!bell || !window.EventSource) return;
  let source;
  const listen = () => {
    source?.close();
    source = undefined;
    // A page that nobody looks at takes no line from another.
    if (document.hidden) return;
    source = new EventSource(bell.dataset.bell);
    source.onmessage = ({ data }) => show(bell, JSON.parse(data).unread);
  };
  document.addEventListener('visibilitychange', listen);
  window.addEventListener('pagehide', () => source?.close());
  listen();
}

function show(bell, unread) {
  const count = bell.querySelector('[data-bell-count]');
  const said = unread > 99 ? '99+' : String(unread);
  const number = count.querySelector('[data-bell-number]');
  if (number.textContent !== said) number.textContent = said;
  count.hidden = unread === 0;
}
