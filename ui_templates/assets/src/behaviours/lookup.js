// A field that points to a record: type to search, choose with mouse or keys.
//
//   <div class="lookup" data-lookup>
//     <input type="hidden" name="customer" value="ID">
//     <input class="form-control" role="combobox" aria-expanded="false" aria-controls="customer-options"
//            name="q" value="TITLE" hx-get="…" hx-trigger="input changed delay:200ms, focus once"
//            hx-target="#customer-options" hx-swap="innerHTML" autocomplete="off">
//     <ul id="customer-options" class="lookup-options" role="listbox" hidden></ul>
//   </div>
//
// The server answers with <li role="option" data-value="ID" data-title="TITLE">…</li>.

export function start() {
  document.addEventListener('htmx:afterSwap', ({ target }) => {
    if (!target.matches?.('.lookup-options')) return;
    const lookup = target.closest('[data-lookup]');
    // An answer that comes after the choice is not for anyone.
    if (!lookup.dataset.chosen) open(lookup);
  });
  document.addEventListener('input', onInput);
  document.addEventListener('keydown', onKey);
  document.addEventListener('mousedown', onPress);
  document.addEventListener('focusout', ({ target }) => delete target.closest?.('[data-lookup]')?.dataset.chosen);
  document.addEventListener('focusin', ({ target }) => closeOthers(target.closest?.('[data-lookup]')));
}

function parts(lookup) {
  return {
    value: lookup.querySelector('input[type=hidden]'),
    field: lookup.querySelector('[role=combobox]'),
    list: lookup.querySelector('[role=listbox]'),
  };
}

function onInput({ target }) {
  const lookup = target.closest('[data-lookup]');
  if (!lookup || target.getAttribute('role') !== 'combobox') return;
  // What is typed is not chosen yet; an emptied field is blank.
  delete lookup.dataset.chosen;
  const { value } = parts(lookup);
  if (value.value) setValue(value, '');
}

function onKey(event) {
  const lookup = event.target.closest?.('[data-lookup]');
  if (!lookup || event.isComposing) return;
  const { list } = parts(lookup);
  const options = [...list.querySelectorAll('[role=option]')];
  const at = options.findIndex((option) => option.ariaSelected === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    open(lookup);
    mark(lookup, options, Math.min(Math.max(at + (event.key === 'ArrowDown' ? 1 : -1), 0), options.length - 1));
  } else if (event.key === 'Enter' && !list.hidden && options[at]) {
    event.preventDefault();
    event.stopPropagation();
    choose(lookup, options[at]);
  } else if (event.key === 'Escape' && !list.hidden) {
    event.preventDefault();
    close(lookup);
  }
}

function onPress(event) {
  const lookup = event.target.closest?.('[data-lookup]');
  closeOthers(lookup);
  const option = event.target.closest?.('[data-lookup] [role=option]');
  if (!option) return;
  event.preventDefault();
  choose(lookup, option);
}

function choose(lookup, option) {
  const { value, field } = parts(lookup);
  field.value = option.dataset.title ?? option.textContent.trim();
  setValue(value, option.dataset.value);
  close(lookup);
  field.focus();
  lookup.dataset.chosen = 'yes';
}

function setValue(input, value) {
  input.value = value;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

function mark(lookup, options, at) {
  options.forEach((option, index) => {
    option.ariaSelected = String(index === at);
    option.id ||= `${lookup.querySelector('[role=listbox]').id}-${index}`;
  });
  options[at]?.scrollIntoView({ block: 'nearest' });
  lookup.querySelector('[role=combobox]').setAttribute('aria-activedescendant', options[at]?.id ?? '');
}

function open(lookup) {
  const { field, list } = parts(lookup);
  list.hidden = !list.children.length || document.activeElement !== field;
  field.ariaExpanded = String(!list.hidden);
}

function close(lookup) {
  const { field, list } = parts(lookup);
  list.hidden = true;
  field.ariaExpanded = 'false';
}

function closeOthers(kept) {
  for (const lookup of document.querySelectorAll('[data-lookup]')) {
    if (lookup !== kept && !parts(lookup).list.hidden) close(lookup);
  }
}
