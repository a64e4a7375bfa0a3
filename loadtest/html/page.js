// The crosshair: one moment in all lanes. Without it the page lacks nothing but that.
'use strict';
const lanes = document.getElementById('lanes');
const readout = JSON.parse(document.getElementById('readout').textContent);
if (lanes) {
  const moment = document.getElementById('moment');
  const rows = [...lanes.querySelectorAll('[data-lane]')].map((lane) => ({
    chart: lane.querySelector('svg'),
    cross: lane.querySelector('.cross'),
    figures: [...lanes.querySelectorAll(`[data-lane="${lane.dataset.lane}"] .key b`)],
  }));
  const show = (column) => {
    const pointing = column >= 0;
    lanes.classList.toggle('pointing', pointing);
    moment.textContent = pointing ? `at ${readout.times[column]}` : '';
    rows.forEach((row, i) => {
      if (pointing) {
        row.cross.setAttribute('x1', readout.xs[column]);
        row.cross.setAttribute('x2', readout.xs[column]);
      }
      row.figures.forEach((figure, j) => {
        figure.textContent = pointing ? readout.lanes[i][j][column] : figure.dataset.run;
      });
    });
  };
  lanes.addEventListener('pointermove', (event) => {
    const box = rows[0].chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 1000;
    let nearest = -1;
    if (x >= -20 && x <= 1020) {
      readout.xs.forEach((at, i) => {
        if (nearest < 0 || Math.abs(at - x) < Math.abs(readout.xs[nearest] - x)) nearest = i;
      });
    }
    show(nearest);
  });
  lanes.addEventListener('pointerleave', () => show(-1));
}
