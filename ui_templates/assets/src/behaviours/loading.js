// While something is asked of the server, <html> has the class is-loading: a thin line runs along the top of the page.
let waiting = 0;

export function start() {
  document.addEventListener('htmx:beforeSend', () => count(1));
  document.addEventListener('htmx:afterRequest', () => count(-1));
}

function count(step) {
  waiting = Math.max(0, waiting + step);
  document.documentElement.classList.toggle('is-loading', waiting > 0);
}
