/**
 * The pictures of a complaint by what they show: before (the citizen's own) and after (what proves the work). Pure.
 */

/** @typedef {{id: string, kind: string, state: string, form: string | null, sent_at: string, taken_at: string | null, width: number | null, height: number | null, seconds: number | null, thumb: string | null, clean: string | null}} Picture */
/** @typedef {{code: string, about: string | null, facts: Record<string, any>}} Finding */
/** @typedef {{id: string, kind?: string | null, url?: string | null}} Medium a row of the complaint: a link, or `upload:ID` */
/** @typedef {{pictures?: Picture[], media?: Medium[], findings?: Finding[], history?: {kind: string, media?: string[]}[]}} Told */
/** @typedef {{before: Picture[], after: Picture[], earlier: Picture[], links: URL[], findings: Finding[], submitted: boolean}} Sides earlier: of proofs before the last one */

const UPLOAD = "upload:";

/** @param {Told | null | undefined} told @returns {Sides} */
export function sidesOf(told) {
  const ready = (told?.pictures ?? []).filter(({ state, thumb }) => state === "ready" && thumb);
  const media = told?.media ?? [];
  const proof = told?.history?.findLast(({ kind }) => kind === "complaint.proof_submitted");
  const named = new Set(media.map(({ url }) => url ?? ""));
  const last = new Set(media.filter(({ id }) => proof?.media?.includes(id)).map(({ url }) => url ?? ""));
  const proofs = ready.filter(({ id, kind }) => kind !== "report" && named.has(UPLOAD + id));
  return {
    before: ready.filter(({ kind }) => kind === "report"), after: proofs.filter(({ id }) => last.has(UPLOAD + id)),
    earlier: proofs.filter(({ id }) => !last.has(UPLOAD + id)), links: media.flatMap(({ url }) => linkOf(url ?? "")),
    findings: told?.findings ?? [], submitted: proof !== undefined,
  };
}

/** @param {Sides} sides @param {string} id @returns {Finding[]} about one picture, the gravest first */
export function findingsAbout({ findings }, id) {
  return findings.filter(({ about }) => about === id);
}

/** @param {Picture} picture */
export function moves({ form }) {
  return form?.startsWith("video/") === true;
}

/** @param {string} url @returns {URL[]} a picture that lies elsewhere: told, never loaded */
function linkOf(url) {
  try {
    const address = new URL(url);
    return address.protocol === "https:" ? [address] : [];
  } catch {
    return [];
  }
}
