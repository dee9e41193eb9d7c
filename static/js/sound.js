/**
 * The three sounds, told apart by rhythm and pitch, not by loudness (CR-93): generated, no file, at most 3 s each.
 */

/** @typedef {1 | 2 | 3} Priority */
/** @typedef {{hz: number, starts: readonly number[], pulse: number, length: number}} Pattern seconds */

/** @param {number} count @param {number} every s @param {number} [from] s */
function pulses(count, every, from = 0) {
  return Array.from({ length: count }, (_, n) => from + n * every);
}

/** P1: two groups of five, P2: three, P3: one. Base tones a third and more apart. @type {Readonly<Record<Priority, Pattern>>} */
export const PATTERNS = {
  1: { hz: 880, starts: [...pulses(5, 0.2), ...pulses(5, 0.2, 1.4)], pulse: 0.12, length: 2.4 },
  2: { hz: 660, starts: pulses(3, 0.42), pulse: 0.24, length: 1.2 },
  3: { hz: 500, starts: pulses(1, 1), pulse: 0.6, length: 0.7 },
};

/** Rise and fall of a pulse, s: without them it clicks. */
const EDGE = 0.012;
const LOUD = 0.6;
const HARMONICS = [1, 0.35, 0.18];

/** @param {number} t s within a pulse @param {number} pulse s @returns {number} 0 to 1 */
function envelope(t, pulse) {
  if (t < 0 || t > pulse) return 0;
  return Math.min(1, t / EDGE, (pulse - t) / EDGE);
}

/** @param {Priority} priority @param {number} rate samples per second @returns {Float32Array<ArrayBuffer>} one burst */
export function render(priority, rate) {
  const { hz, starts, pulse, length } = PATTERNS[priority];
  const samples = new Float32Array(Math.ceil(length * rate));
  const total = HARMONICS.reduce((sum, part) => sum + part, 0);
  for (const start of starts) {
    const first = Math.round(start * rate);
    for (let n = 0; n < Math.ceil(pulse * rate) && first + n < samples.length; n += 1) {
      const t = n / rate;
      const wave = HARMONICS.reduce((sum, part, i) => sum + part * Math.sin(2 * Math.PI * hz * (i + 1) * t), 0);
      samples[first + n] = (LOUD * envelope(t, pulse) * wave) / total;
    }
  }
  return samples;
}

/** @param {AudioContext} context @returns {{play: (priority: Priority) => void, stop: () => void}} one burst at a time */
export function createVoice(context) {
  /** @type {AudioBufferSourceNode | null} */
  let speaking = null;
  const stop = () => {
    speaking?.stop();
    speaking = null;
  };
  return {
    stop,
    play(priority) {
      stop();
      const samples = render(priority, context.sampleRate);
      const buffer = context.createBuffer(1, samples.length, context.sampleRate);
      buffer.copyToChannel(samples, 0);
      speaking = context.createBufferSource();
      speaking.buffer = buffer;
      speaking.connect(context.destination);
      speaking.start();
    },
  };
}
