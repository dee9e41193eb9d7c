/**
 * What officers are called by those who are told their role and not their name: agencies, leadership, holders of links.
 */

/** @type {Record<import("./words.js").Lang, Readonly<Record<string, string>>>} */
export const ROLES = {
  id: { duty: "petugas jaga", supervisor: "kepala regu", agency: "petugas OPD", agency_head: "kepala OPD", leadership: "pimpinan", admin: "admin", officer: "petugas", citizen: "pelapor" },
  en: { duty: "duty officer", supervisor: "supervisor", agency: "agency officer", agency_head: "agency head", leadership: "leadership", admin: "admin", officer: "an officer", citizen: "the reporter" },
};
