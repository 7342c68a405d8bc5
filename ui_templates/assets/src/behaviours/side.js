// The navigation: which groups are folded ([data-side-group]) and whether it shows icons only ([data-side-compact]) is
// kept in the cookie `side`, so that the next page comes as this one was left. On a narrow screen it is a drawer: while
// it is open the rest of the page takes no focus, and Escape closes it.
const YEAR = 31536000;
const NARROW = '(width < 900px)';

let before;

export function start() {
  document.addEventListener('toggle', ({ target }) => target.matches?.('[data-side-group]') && keep(), true);
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-side-compact]');
    if (!button) return;
    const page = document.documentElement;
    if (page.dataset.side === 'compact') delete page.dataset.side;
    else page.dataset.side = 'compact';
    button.ariaPressed = String(page.dataset.side === 'compact');
    keep();
  });
  window.addEventListener('hashchange', drawer);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen()) {
      event.preventDefault();
      window.location.replace('#');
    }
  });
  document.addEventListener('click', ({ target }) => {
    if (isOpen() && !target.closest('#side, [href="#side"]')) window.location.replace('#');
  });
  matchMedia(NARROW).addEventListener('change', drawer);
  drawer();
}

function keep() {
  const folded = [...document.querySelectorAll('[data-side-group]:not([open])')].map((group) => group.dataset.sideGroup);
  const words = [...(document.documentElement.dataset.side === 'compact' ? ['compact'] : []), ...folded];
  document.cookie = `side=${words.join('.')}; path=/; max-age=${words.length ? YEAR : 0}; samesite=lax`;
}

function isOpen() {
  return window.location.hash === '#side' && matchMedia(NARROW).matches;
}

function drawer() {
  const side = document.getElementById('side');
  if (!side) return;
  const opened = isOpen();
  for (const rest of document.querySelectorAll('.app-top, .app-content, .skip-link')) rest.inert = opened;
  if (opened) {
    before ??= document.querySelector('[href="#side"]');
    (side.querySelector('[aria-current]') ?? side.querySelector('a')).focus();
  } else if (before) {
    before.focus();
    before = null;
  }
}
