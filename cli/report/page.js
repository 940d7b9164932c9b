'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = (id) => document.getElementById(id);
  const pageSize = 60;

  // Names, sizes and messages only ever become text or properties, never markup.
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const decimals = (value) => (value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
  const size = (bytes) => {
    if (bytes < 1000) return `${bytes} B`;
    let value = bytes / 1000, unit = 0;
    while (value >= 999.5 && unit < 4) { value /= 1000; ++unit; }
    return `${value.toFixed(decimals(value))} ${['kB', 'MB', 'GB', 'TB', 'PB'][unit]}`;
  };
  const percent = (before, after) => (before ? `${(100 * (before - after) / before).toFixed(1)} %` : '');
  const count = (n, word) => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;
  const savedText = (before, after) => {
    const span = make('span', after > before ? 'grown' : 'saved');
    if (before) span.textContent = after > before ? `+${percent(before, 2 * before - after)}` : `−${percent(before, after)}`;
    return span;
  };

  const photos = data.photos.map(([place, folder, source, bytes, width, height, variants, warnings], index) => ({
    index, place, folder: './' + folder, source, bytes, width, height, warnings,
    name: place.slice(place.lastIndexOf('/') + 1),
    parent: place.slice(0, Math.max(0, place.lastIndexOf('/'))),
    out: variants.reduce((sum, v) => sum + v[3], 0),
    variants: variants.map(([name, w, h, size, score]) => ({
      name: data.names[name], format: data.names[name].split('.').pop(), width: w, height: h, bytes: size, score,
    })),
  }));
  const urlOf = (photo, variant) => `${photo.folder}/${encodeURIComponent(variant.name)}`;
  const largest = (variants) => variants.reduce((best, v) => (!best || v.width > best.width ? v : best), null);
  const smallest = (variants) => variants.reduce((best, v) => (!best || v.bytes < best.bytes ? v : best), null);

  const drawTop = () => {
    const { totals } = data;
    const headline = byId('headline');
    if (photos.length) {
      headline.replaceChildren(`${count(photos.length, 'photo')}: ${size(totals.in)} in, `, make('em', '', `${size(totals.out)} out`));
    } else {
      headline.textContent = 'No photos yet';
    }
    const sizes = photos.reduce((sum, p) => sum + p.variants.length, 0);
    const parts = [`${count(sizes, 'file')} for the web from recipe “${data.recipe}”`];
    if (totals.in) parts.push(totals.out <= totals.in ? `${percent(totals.in, totals.out)} smaller, all sizes and formats together`
                                                      : `all sizes and formats together are larger than the photos`);
    if (data.to_do) parts.push(`${count(data.to_do, 'photo')} still to do`);
    byId('subline').textContent = parts.join(' · ');
    byId('scale').hidden = !photos.length;
    document.querySelector('.scale-out').style.width = `${Math.min(100, 100 * totals.out / (totals.in || 1))}%`;
    for (const f of totals.formats) {
      const card = make('div', 'format');
      const saved = make('strong');
      saved.append(size(f.out), ' ', savedText(f.in, f.out));
      card.append(make('b', '', f.format), saved,
        make('span', '', `${count(f.files, 'file')}, all sizes, from ${size(f.in)} · ${Math.round(f.median_ms)} ms to encode one (median)`));
      byId('formats').append(card);
    }
    byId('footer').textContent = `Made by Tintype, ${new Date(data.made_at).toLocaleString()}. Pictures lie beside this page; nothing is loaded from elsewhere.`;
  };

  const drawFailures = () => {
    if (!data.failures.length) return;
    const box = byId('failures');
    box.hidden = false;
    const causes = new Map();
    for (const [, code] of data.failures) causes.set(code, (causes.get(code) || 0) + 1);
    const told = [...causes].sort((a, b) => b[1] - a[1]).map(([code, n]) => `${n} ${code.replaceAll('_', ' ')}`).join(', ');
    box.querySelector('summary').textContent = `${count(data.failures.length, 'photo')} failed: ${told}`;
    const shown = data.failures.slice(0, 1000);
    for (const [place, code, message] of shown) {
      const row = make('tr');
      row.append(make('td', '', place), make('td', 'cause', code.replaceAll('_', ' ')), make('td', '', message));
      box.querySelector('tbody').append(row);
    }
    if (shown.length < data.failures.length) {
      box.querySelector('.more').textContent = `and ${count(data.failures.length - shown.length, 'more')}: tintype compress --json lists all`;
    }
  };

  const orders = {
    name: (a, b) => a.index - b.index,
    saved: (a, b) => (b.bytes - b.out) - (a.bytes - a.out) || a.index - b.index,
    least: (a, b) => (a.bytes - a.out) - (b.bytes - b.out) || a.index - b.index,
    bytes: (a, b) => b.bytes - a.bytes || a.index - b.index,
  };
  let shown = photos, page = 0;

  const drawGrid = () => {
    const cards = shown.slice(page * pageSize, (page + 1) * pageSize).map((photo) => {
      const card = make('button', 'card');
      card.type = 'button';
      const image = make('img');
      image.loading = 'lazy';
      image.decoding = 'async';
      image.alt = '';
      const small = smallest(photo.variants.filter((v) => v.width >= 200 || v.height >= 200)) || largest(photo.variants);
      image.src = urlOf(photo, small);
      const sizes = make('span', 'size');
      sizes.append(make('span', '', `${size(photo.bytes)} → ${size(photo.out)}`), savedText(photo.bytes, photo.out));
      card.title = photo.place;
      card.append(image, make('span', 'name', photo.name), make('span', 'folder', photo.parent && `\u2066${photo.parent}\u2069`), sizes);
      card.addEventListener('click', () => open(photo));
      return card;
    });
    byId('grid').replaceChildren(...cards);
    byId('count').textContent = shown.length === photos.length ? count(photos.length, 'photo') : `${shown.length} of ${count(photos.length, 'photo')}`;
    drawPages();
  };

  const drawPages = () => {
    const last = Math.max(0, Math.ceil(shown.length / pageSize) - 1);
    const button = (text, to, label) => {
      const b = make('button', '', text);
      b.type = 'button';
      b.setAttribute('aria-label', label);
      b.disabled = to < 0 || to > last;
      if (to === page && text === String(to + 1)) b.setAttribute('aria-current', 'page');
      b.addEventListener('click', () => { page = to; drawGrid(); byId('controls').scrollIntoView(); });
      return b;
    };
    const near = [...new Set([0, page - 2, page - 1, page, page + 1, page + 2, last])].filter((n) => n >= 0 && n <= last);
    byId('pages').replaceChildren(...(last === 0 ? [] : [
      button('←', page - 1, 'Previous page'), ...near.map((n) => button(String(n + 1), n, `Page ${n + 1}`)), button('→', page + 1, 'Next page'),
    ]));
  };

  const find = () => {
    const words = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = photos.filter((photo) => words.every((word) => photo.place.toLowerCase().includes(word)))
      .sort(orders[byId('order').value] || orders.name);
    page = 0;
    drawGrid();
  };

  // The viewer: one photo, before and after, with a line to drag.
  const viewer = byId('viewer'), compare = byId('compare'), cut = byId('cut'), before = byId('before'), after = byId('after');
  let photo = null, chosen = null;

  const remember = () => {
    const hash = photo && viewer.open ? `#photo=${photo.index}&variant=${encodeURIComponent(chosen.name)}&cut=${cut.value}` : '#';
    history.replaceState(null, '', hash);
  };
  const setCut = (value) => {
    cut.value = value;
    compare.style.setProperty('--cut', `${cut.value}%`);
    byId('tag-before').style.opacity = cut.value < 12 ? 0 : 1;
    byId('tag-after').style.opacity = cut.value > 88 ? 0 : 1;
  };
  // The source where it is; else where the page was made; else, said aloud, a variant of another format.
  const showBefore = () => {
    const stand = largest(photo.variants.filter((v) => v.format !== chosen.format)) || largest(photo.variants);
    const places = [{ url: photo.source, tag: `Before: original, ${size(photo.bytes)}` }];
    if (location.protocol === 'file:') places.push({ url: `file://${data.folder}/${photo.source}`, tag: places[0].tag });
    places.push({ url: urlOf(photo, stand), tag: `${stand.name}, ${size(stand.bytes)}`, stand: true });
    const mine = photo;
    const next = () => {
      const place = places.shift();
      if (!place || mine !== photo) return;
      before.onerror = next;
      byId('tag-before').textContent = place.tag;
      byId('notice').hidden = !place.stand;
      byId('notice').textContent = `The original cannot be shown from here, so the left side is ${stand.name} instead.`;
      before.src = place.url;
    };
    next();
  };
  const choose = (variant) => {
    chosen = variant;
    after.src = urlOf(photo, variant);
    byId('tag-after').textContent = `After: ${variant.name}, ${size(variant.bytes)}`;
    for (const row of byId('ladder').rows) row.setAttribute('aria-selected', row.dataset.name === variant.name);
    showBefore();
    remember();
  };
  const drawLadder = () => {
    const source = make('tr', 'source');
    source.append(make('td', '', 'original'), make('td', '', photo.width ? `${photo.width} × ${photo.height}` : ''), make('td', '', size(photo.bytes)), make('td'));
    const rows = photo.variants.map((variant) => {
      const row = make('tr');
      row.dataset.name = variant.name;
      const pick = make('button', '', variant.name);
      pick.type = 'button';
      pick.addEventListener('click', () => choose(variant));
      const name = make('td'), saved = make('td');
      name.append(pick);
      saved.append(savedText(photo.bytes, variant.bytes));
      row.append(name, make('td', '', `${variant.width} × ${variant.height}`), make('td', '', size(variant.bytes)), saved);
      if (variant.score !== undefined) row.append(make('td', '', `score ${variant.score.toFixed(1)}`));
      return row;
    });
    byId('ladder').replaceChildren(source, ...rows);
    byId('warnings').replaceChildren(...photo.warnings.map((warning) => make('li', '', warning)));
  };
  const open = (which, variantName, cutAt) => {
    photo = which;
    byId('viewer-name').textContent = photo.place;
    const at = shown.indexOf(photo);
    byId('previous').disabled = at <= 0;
    byId('next').disabled = at < 0 || at === shown.length - 1;
    const top = largest(photo.variants);
    const shape = photo.width ? photo : top;
    compare.style.setProperty('--ratio', shape.width / shape.height);
    drawLadder();
    if (!viewer.open) viewer.showModal();
    setCut(cutAt === undefined ? 50 : cutAt);
    choose(photo.variants.find((v) => v.name === variantName) ||
           photo.variants.find((v) => v.format === 'avif' && v.width === top.width) || top);
    cut.focus();
  };
  const step = (by) => { const to = shown[shown.indexOf(photo) + by]; if (to) open(to, chosen.name, cut.value); };

  cut.addEventListener('input', () => { setCut(cut.value); remember(); });
  const drag = (event) => {
    const box = compare.getBoundingClientRect();
    setCut(Math.round(1000 * (event.clientX - box.left) / box.width) / 10);
    remember();
  };
  compare.addEventListener('pointerdown', (event) => { event.preventDefault(); compare.setPointerCapture(event.pointerId); cut.focus(); drag(event); });
  compare.addEventListener('pointermove', (event) => { if (compare.hasPointerCapture(event.pointerId)) drag(event); });
  byId('close').addEventListener('click', () => viewer.close());
  byId('previous').addEventListener('click', () => step(-1));
  byId('next').addEventListener('click', () => step(1));
  viewer.addEventListener('click', (event) => { if (event.target === viewer) viewer.close(); });
  viewer.addEventListener('close', () => { before.onerror = null; remember(); });
  viewer.addEventListener('keydown', (event) => {
    if (event.key === 'n') step(1);
    if (event.key === 'p') step(-1);
  });
  byId('search').addEventListener('input', find);
  byId('order').addEventListener('change', find);

  const openFromHash = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const which = photos[Number(wanted.get('photo') ?? NaN)];
    if (which) open(which, wanted.get('variant'), wanted.get('cut') ?? undefined);
  };
  drawTop();
  drawFailures();
  byId('controls').hidden = !photos.length;
  find();
  openFromHash();
  window.addEventListener('hashchange', openFromHash);
})();
