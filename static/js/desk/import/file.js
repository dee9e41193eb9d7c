/**
 * One file on the page of import: its columns and categories with what each becomes, its first rows, and how far it is.
 */
import { arrange, element, elementWith, find, mark, write } from "../../ui/dom.js";
import { faultWords, isMoving, paceOf, shareOf, unmatchedOf, withCategory, withColumn } from "./plan.js";

/** @typedef {import("./plan.js").Job} Job */
/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./plan.js").Word} Word */
/** @typedef {{say: import("./plan.js").ImportSay, format: import("../../ui/format.js").Format, city: import("../../ui/city.js").City, categories: readonly {key: string, name: string}[], fields: () => readonly string[], encodings: () => readonly string[], change: (alter: (plan: Plan) => Plan) => void, now: () => number}} Desk */

/** Categories that are asked about at once: those with the most rows. */
const MOST = 60;
const MARKS = /** @type {Record<string, Word>} */ ({ ",": "mark_comma", ";": "mark_semicolon", "\t": "mark_tab", "|": "mark_bar" });

export class FileView {
  /** What was said of a column at first: it stays true while nobody changes it. @type {Map<string, string>} */
  #why = new Map();
  #shown = "";

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.root = root;
    this.desk = desk;
    /** @type {Job | null} */
    this.job = null;
    for (const name of ["dates", "encoding", "outside"]) find(root, `[name="${name}"]`).addEventListener("change", () => this.#option(name));
  }

  /** @param {Job} job with or without what its file is taken for */
  paint(job) {
    const whole = job.columns ? job : { ...this.job, ...job };
    if (this.job?.id !== job.id) this.#why = new Map((whole.columns ?? []).map(({ name, field, why }) => [`${name} ${field}`, why]));
    this.job = whole;
    // Selects are made anew only when the file is taken for something else: one may be open.
    const words = JSON.stringify([whole.id, whole.columns, whole.plan, whole.preview, whole.state]);
    if (words !== this.#shown) {
      this.#shown = words;
      this.#paintColumns(whole);
      this.#paintOptions(whole);
      this.#paintPreview(whole);
    }
    this.#paintCategories(whole);
    this.#paintProgress(whole);
  }

  /** @param {string} name */
  #option(name) {
    const { checked, value } = /** @type {HTMLInputElement & HTMLSelectElement} */ (find(this.root, `[name="${name}"]`));
    if (name === "outside") this.desk.change((plan) => ({ ...plan, outside: checked ? "refuse" : "take" }));
    else if (name === "dates") this.desk.change((plan) => ({ ...plan, dates: value === "dmy" || value === "mdy" ? value : null }));
    else this.desk.change((plan) => ({ ...plan, encoding: value }));
  }

  /** @param {Job} job */
  #paintColumns(job) {
    const { say, fields, change } = this.desk;
    const open = this.#mayChange(job);
    const asked = job.questions.includes("category");
    const rows = (job.columns ?? []).map(({ name, samples, field, why }) => {
      const choices = [["", say("field_none")], ...fields().map((one) => [one, this.#field(one)])];
      const select = selectOf(/** @type {[string, string][]} */ (choices), field, say("becomes_of", { column: name }), open);
      select.addEventListener("change", () => {
        const chosen = select.value;
        change((plan) => withColumn(plan, fields(), name, chosen));
      });
      const personal = why === "personal" || field.startsWith("person.");
      const row = element("tr", "", elementWith("th", "", { scope: "row" }, name), element("td", "samples", element("div", "", personal ? say("hidden") : samples.join(", "))), element("td", "", select), element("td", "why", this.#because(name, field, why)));
      mark(row, "data-taken", String(field !== ""));
      mark(row, "data-asked", String(asked && field === "" && !personal));
      return row;
    });
    find(this.root, ".columns tbody").replaceChildren(...rows);
    find(this.root, ".made").hidden = Boolean(job.plan?.columns.source_id) || rows.length === 0;
  }

  /** @param {string} name @param {string} field @param {string} why */
  #because(name, field, why) {
    const { say } = this.desk;
    const first = this.#why.get(`${name} ${field}`) ?? why;
    return first ? say(/** @type {"why_name"} */ (`why_${first}`)) : "";
  }

  /** @param {string} field */
  #field(field) {
    return this.desk.say(/** @type {"field_category"} */ (`field_${field.replace(".", "_")}`));
  }

  /** @param {Job} job */
  #paintOptions(job) {
    const { say, city, encodings } = this.desk;
    const { plan, said, order, questions } = job;
    const open = this.#mayChange(job);
    const dates = find(this.root, '[data-option="dates"]');
    dates.hidden = order === "" || !plan;
    mark(dates, "data-asked", String(questions.includes("dates")));
    fill(find(dates, "select"), [["", say("dates_ask")], ["dmy", say("dates_dmy", { zone: city.zoneLabel })], ["mdy", say("dates_mdy", { zone: city.zoneLabel })]], plan?.dates ?? "", open);
    const encoding = find(this.root, '[data-option="encoding"]');
    encoding.hidden = said.kind !== "csv" || !plan;
    fill(find(encoding, "select"), [["", say("encoding_found", { name: plan?.encoding ? "–" : (said.encoding ?? "") })], ...encodings().map((one) => /** @type {[string, string]} */ ([one, one]))], plan?.encoding ?? "", open);
    const outside = /** @type {HTMLInputElement} */ (find(this.root, '[name="outside"]'));
    outside.checked = plan?.outside === "refuse";
    outside.disabled = !open;
  }

  /** @param {Job} job */
  #paintCategories(job) {
    const { say, format, categories, change } = this.desk;
    const open = this.#mayChange(job);
    const unmatched = job.plan ? unmatchedOf(job) : [];
    const all = job.categories?.length ?? 0;
    const fits = (job.categories ?? []).filter(({ key }) => key !== null).length;
    write(find(this.root, ".categories-words"), all > 0 ? say("categories", { n: format.number(fits), all: format.number(all) }) : "");
    const list = find(this.root, ".categories");
    const words = JSON.stringify([job.id, open, unmatched.map(({ text, rows, chosen }) => [text, chosen, isMoving(job) ? 0 : rows])]);
    if (list.dataset.shown === words) return;
    list.dataset.shown = words;
    list.replaceChildren(...unmatched.slice(0, MOST).map(({ text, rows, near, chosen }) => {
      const named = near === null ? [] : categories.filter(({ key }) => key === near).map(({ key, name }) => /** @type {[string, string]} */ ([key, say("near", { name })]));
      const select = selectOf([["?", say("category_choose")], ...named, ["", say("category_leave")], ...categories.map(({ key, name }) => /** @type {[string, string]} */ ([key, name]))], chosen ?? "?", say("becomes_of", { column: text }), open);
      select.addEventListener("change", () => {
        const key = select.value;
        if (key !== "?") change((plan) => withCategory(plan, text, key));
      });
      return element("li", "", element("span", "", text), element("small", "", rows > 0 ? say("rows", { n: format.number(rows) }) : ""), select);
    }));
  }

  /** @param {Job} job */
  #paintPreview(job) {
    const { say } = this.desk;
    arrange(find(this.root, ".preview"), (job.preview ?? []).map(({ line, fields, becomes, faults }) => {
      const refused = faults.length > 0;
      const { description = "", category: _, ...others } = fields;
      const parts = Object.entries(others).map(([field, text]) => `${this.#field(field)}: ${field.endsWith("_at") ? this.#moment(text) : text}`);
      const named = Object.entries(becomes).map(([what, key]) => `${say(/** @type {"becomes_class"} */ (`becomes_${what}`))} ${this.#named(what, key)}`);
      const faulty = faults.map((fault) => Object.values(faultWords(fault, say)).join(": "));
      const item = element("li", "", element("b", "", say("line", { n: line })), " ", refused ? element("b", "", faulty.join("; ")) : named.join(", "), element("p", "text", description), element("p", "parts", parts.join(" · ")));
      mark(item, "data-refused", String(refused));
      return item;
    }));
  }

  /** @param {string} text RFC 3339 @returns {string} day and hour as the city has them */
  #moment(text) {
    const { format } = this.desk;
    return `${format.shortDate(Date.parse(text))} ${format.hour(Date.parse(text))}`;
  }

  /** @param {string} what @param {string} key @returns {string} a name of the city for its key */
  #named(what, key) {
    const { city, categories } = this.desk;
    if (what === "area") return city.area(key)?.name ?? key;
    if (what === "agency") return city.agency(key) ?? key;
    return what === "category" ? (categories.find((one) => one.key === key)?.name ?? key) : key;
  }

  /** @param {Job} job */
  #paintProgress(job) {
    const { say, format, now } = this.desk;
    const { tally, state } = job;
    write(find(this.root, "#panel-title"), say(state === "trial" || state === "ready" ? "will" : "did"));
    const figures = /** @type {const} */ (["accepted", "known", "rejected"]);
    find(this.root, ".figures").replaceChildren(...figures.map((name) => {
      const line = element("div", "", element("dt", "", format.number(tally[name])), element("dd", "", say(`sum_${name}`)));
      mark(line, "data-some", String(tally[name] > 0));
      return line;
    }));
    const noted = /** @type {const} */ (["turned", "outside", "comma"]);
    write(find(this.root, ".noted"), noted.filter((name) => tally[name] > 0).map((name) => say(`noted_${name}`, { n: format.number(tally[name]) })).join(" "));
    const asked = job.questions.length > 0 && state === "ready";
    write(find(this.root, ".step"), asked ? say("step_asked") : say(`step_${state}`, { n: format.number(job.read_rows), why: job.fault ?? "" }));
    this.#paintBar(job);
    const pace = isMoving(job) ? paceOf(job, now()) : null;
    write(find(this.root, ".rate"), pace ? say("rate", { n: format.number(pace.perSecond), span: format.span(pace.leftMs) }) : "");
    write(find(this.root, ".refused-words"), tally.rejected > 0 ? say("refused", { n: format.number(tally.rejected) }) : "");
    find(this.root, ".refused").replaceChildren(...tally.first.slice(0, 8).map(([line, field, message]) => {
      const { where, what } = faultWords({ field, message }, say);
      return element("li", "", element("span", "line", format.number(line)), element("span", "where", where), element("span", "", what));
    }));
  }

  /** @param {Job} job */
  #paintBar(job) {
    const share = shareOf(job);
    const bar = find(this.root, ".bar");
    mark(bar, "aria-valuenow", String(Math.round(share * 100)));
    const all = Math.max(1, job.read_rows);
    for (const name of /** @type {const} */ (["accepted", "known", "rejected"])) find(bar, `.${name}`).style.width = `${(share * 100 * job.tally[name]) / all}%`;
  }

  /** @param {Job} job */
  #mayChange(job) {
    return job.state === "trial" || job.state === "ready";
  }
}

/** @param {Job} job @param {Desk["say"]} say @param {Desk["format"]} format @returns {string} the file in words: size, kind, and how it is written */
export function fileWords({ said, size, name }, say, format) {
  const kind = isKind(said.kind) ? say(`kind_${said.kind}`) : "";
  const delimiter = MARKS[said.delimiter ?? ""];
  const mb = size < 100_000 ? `${format.number(Math.max(1, Math.round(size / 1000)))} kB` : `${format.decimal(size / 1_000_000)} MB`;
  return [name, mb, kind, delimiter ? say(delimiter) : "", said.encoding ?? "", said.sheet ?? ""].filter(Boolean).join(", ");
}

/** @param {string | undefined} kind @returns {kind is "csv" | "json" | "jsonl" | "geojson" | "xlsx"} */
function isKind(kind) {
  return ["csv", "json", "jsonl", "geojson", "xlsx"].includes(kind ?? "");
}

/** @param {readonly [string, string][]} choices @param {string} chosen @param {string} label @param {boolean} open @returns {HTMLSelectElement} */
function selectOf(choices, chosen, label, open) {
  const select = /** @type {HTMLSelectElement} */ (elementWith("select", "", { "aria-label": label }));
  fill(select, choices, chosen, open);
  return select;
}

/** @param {HTMLElement} field a select @param {readonly [string, string][]} choices @param {string} chosen @param {boolean} open */
function fill(field, choices, chosen, open) {
  const select = /** @type {HTMLSelectElement} */ (field);
  select.replaceChildren(...choices.map(([value, words]) => elementWith("option", "", { value }, words)));
  select.value = chosen;
  select.disabled = !open;
}
