"""How pages look: one sheet for the page of a thread and for the list, in light, in dark and on paper."""

STYLE = """
:root {
  --paper: #fcfbf8; --card: #f3f0e9; --ink: #1f1d1a; --soft: #5d5850; --line: #d9d3c7; --link: #0b5394;
  --good: #1d6b3a; --warn: #8a4b00; --bad: #a3261d; --unsure: #54506b; --branch: #6a3f9c;
  --ins: #d9f2dd; --del: #fbdedb; --good-bg: #e8f4ea; --warn-bg: #fdf0dc; --unsure-bg: #eeecf5;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, "Noto Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, sans-serif;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171614; --card: #22201d; --ink: #ece8e0; --soft: #b0a99c; --line: #403c35; --link: #8fc1f5;
    --good: #8bd6a2; --warn: #f2bd76; --bad: #ff9d92; --unsure: #c3bbea; --branch: #cfaef5;
    --ins: #1d4428; --del: #592a26; --good-bg: #1b2c20; --warn-bg: #33260f; --unsure-bg: #262335;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.25rem 1.1rem 3rem; max-width: 47rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere;
}
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: from-font; }
a:focus-visible, summary:focus-visible, input:focus-visible, button:focus-visible, main:focus-visible,
video:focus-visible, audio:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip {
  position: absolute; left: -99rem; top: .5rem; padding: .5rem 1rem; background: var(--ink);
  color: var(--paper); z-index: 1;
}
.skip:focus { left: .5rem; }
.home { margin-bottom: .75rem; font-size: .9rem; }
.home a::before { content: "← "; }
.kicker { margin: 0; color: var(--soft); font-size: .9rem; }
h1 { margin: .15rem 0 .5rem; font: 700 1.75rem/1.22 var(--serif); text-wrap: balance; }
h2 { margin: 2.5rem 0 .25rem; font: 700 1.2rem/1.3 var(--sans); }
h3 { margin: 0; font: 600 .9rem/1.4 var(--sans); }
.byline { margin: 0 0 .9rem; font-size: 1.05rem; }
.byline:has(.avatar) { display: flex; gap: .7rem; align-items: center; }
.byline .avatar { flex: none; width: 3rem; height: 3rem; margin: 0; }
.avatar {
  width: 1.4em; height: 1.4em; margin-inline-end: .4em; border-radius: 50%; object-fit: cover;
  vertical-align: middle; background: var(--card);
}
.verdict {
  display: grid; grid-template-columns: auto 1fr; gap: .35rem .8rem; margin: 0 0 1rem; padding: .75rem 1rem;
  border-radius: 8px; background: var(--unsure-bg);
}
.verdict p { grid-column: 2; margin: 0; }
.sign {
  width: 1.5rem; height: 1.5rem; border-radius: 50%;
  background: var(--unsure); color: var(--paper); font-weight: 700; line-height: 1.5rem; text-align: center;
}
.verdict.complete { background: var(--good-bg); }
.verdict.complete .sign { background: var(--good); }
.verdict.partial { background: var(--warn-bg); }
.verdict.partial .sign { background: var(--warn); }
.facts { display: grid; gap: .2rem; margin: 0 0 1rem; font-size: .92rem; }
.facts div { display: grid; grid-template-columns: 6.6rem 1fr; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
.facts dd p { margin: 0; }
.whole { white-space: nowrap; }
code { font: .87em/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.timeline { margin: 1.25rem 0 0; }
.timeline svg { display: block; width: 100%; height: auto; }
.timeline figcaption { color: var(--soft); font-size: .85rem; }
.t-axis { stroke: var(--line); }
.t-word { fill: var(--soft); font: 16px var(--sans); }
.t-post { fill: var(--link); }
.t-edited { fill: var(--paper); stroke: var(--link); stroke-width: 2; }
.t-gone { stroke: var(--bad); stroke-width: 2.2; }
.t-gap { fill: none; stroke: var(--warn); stroke-width: 2; stroke-dasharray: 2.5 2; }
section > .about { margin: 0 0 .75rem; color: var(--soft); font-size: .92rem; }
.post, .gap { padding: .65rem 0 .65rem 1.15rem; border-left: 3px solid var(--line); }
.post { content-visibility: auto; contain-intrinsic-size: auto 9rem; }
.post:target, .gap:target { background: var(--card); border-left-color: var(--link); }
.post > header {
  display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; color: var(--soft); font-size: .88rem;
}
.post > header .about { margin: 0; }
.post > header h3 a, .gap h3 a { color: inherit; text-decoration: none; }
.post > header h3 a { color: var(--ink); }
.post > header h3 a:hover, .gap h3 a:hover { text-decoration: underline; }
.post > header a { color: var(--soft); }
.text { margin: .15rem 0 .5rem; font: 1.14rem/1.56 var(--serif); white-space: pre-wrap; }
.text p, .text pre, .text blockquote, .text ul, .text ol { margin: 0 0 .7em; }
.text > :last-child { margin-bottom: 0; }
.text p, .text li, .text pre { unicode-bidi: plaintext; }
.text pre { font: .9rem/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
.text blockquote { padding-inline-start: 1rem; border-inline-start: 3px solid var(--line); }
.text ul, .text ol { padding-inline-start: 1.6rem; white-space: normal; }
.text li { white-space: pre-wrap; }
.branch { margin-left: 1.2rem; border-left: 3px dashed var(--branch); }
.answer { margin-left: 1.2rem; border-left: 3px dotted var(--soft); }
.reply, .other, .answered {
  margin: .6rem 0; padding: .8rem 1.15rem; border: 0; border-radius: 8px; background: var(--card);
}
.gap {
  margin: .5rem 0; padding: .7rem 1.15rem; border: 2px dashed var(--warn); border-radius: 8px;
  background: var(--warn-bg);
}
.gap h3 { color: var(--warn); font-size: 1rem; }
.gap p { margin: .2rem 0 0; font-size: .95rem; }
.note { margin: .4rem 0; padding-left: .7rem; border-left: 4px solid var(--warn); font-size: .92rem; }
.note.deleted { border-color: var(--bad); }
.note.deleted strong { color: var(--bad); }
.warning {
  margin: .35rem 0; padding: .3rem .7rem; border-radius: 6px; background: var(--warn-bg); font-size: .95rem;
}
.edited { font-weight: 600; }
.media { margin: .6rem 0; }
.media img, .media video {
  display: block; max-width: 100%; max-height: 34rem; border-radius: 6px; background: var(--card);
}
.media audio { width: 100%; }
.media figcaption { margin-top: .3rem; color: var(--soft); font-size: .9rem; }
.absent, .card {
  margin: .6rem 0; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: 6px; font-size: .92rem;
}
.absent figcaption { margin: 0; }
.card p { margin: 0; }
.card img { display: block; max-width: 100%; max-height: 14rem; margin-bottom: .4rem; border-radius: 4px; }
.label { color: var(--soft); }
.poll { margin: .6rem 0; font-size: .95rem; }
.poll p, .poll ul { margin: 0; }
.poll ul { padding: 0; list-style: none; }
.bar { display: block; width: 100%; height: 6px; margin: 2px 0 .5rem; border-radius: 3px; background: var(--card); }
.bar rect { fill: var(--link); }
.quote { margin: .6rem 0; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 8px; }
.quote .about { margin: 0 0 .2rem; color: var(--soft); font-size: .88rem; }
.quote .text { font-size: 1.04rem; }
.changes { margin: .5rem 0; padding: .5rem .9rem; border-radius: 8px; background: var(--card); font-size: .92rem; }
.changes summary { font-weight: 600; cursor: pointer; }
.changes p { margin: .4rem 0 .1rem; }
.changes .text { font-size: 1.04rem; }
.changes ins { background: var(--ins); text-decoration: underline; text-decoration-thickness: 2px; }
.changes del { background: var(--del); }
ins::before, ins::after, del::before, del::after {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
del + ins { margin-inline-start: .2em; }
.diff del::before { content: " [taken out: "; }
.diff ins::before { content: " [put in: "; }
.diff del::after, .diff ins::after { content: "] "; }
.provenance { margin-top: 3rem; padding-top: .5rem; border-top: 3px double var(--line); }
.provenance h2 { margin-top: .5rem; }
.search { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 1rem 0 .25rem; }
.search label { flex: 1 1 14rem; font-size: .92rem; }
.search input {
  display: block; width: 100%; padding: .5rem .7rem; border: 1px solid var(--soft); border-radius: 6px;
  background: var(--paper); color: var(--ink); font: inherit; font-size: 1rem;
}
.search button {
  padding: .5rem 1rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--card);
  color: var(--ink); font: inherit;
}
.search + .about { margin: 0; color: var(--soft); font-size: .9rem; }
.count { margin: .25rem 0; color: var(--soft); font-size: .9rem; }
.list { margin: 1rem 0; padding: 0; list-style: none; }
.list li { padding: .8rem 0; border-top: 1px solid var(--line); }
.list .name { margin: 0; font: 600 1.12rem/1.35 var(--serif); }
.list .about, .list .found { margin: .15rem 0 0; color: var(--soft); font-size: .9rem; }
.list .found { color: var(--ink); }
.list mark { background: var(--warn-bg); color: inherit; font-weight: 700; }
.is { font-weight: 600; color: var(--unsure); white-space: nowrap; }
.is.complete { color: var(--good); }
.is.partial { color: var(--warn); }
@media (max-width: 40rem) {
  body { padding: 1rem .9rem 2rem; }
  h1 { font-size: 1.45rem; }
  .facts div { grid-template-columns: 5rem 1fr; }
  .branch, .answer { margin-left: .6rem; }
  .t-word { font-size: 25px; }
  .t-day { display: none; }
}
@media print {
  :root {
    --paper: #fff; --card: #fff; --ink: #000; --soft: #333; --link: #000; --line: #999; --good-bg: #fff;
    --warn-bg: #fff; --unsure-bg: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .skip, .home, .kept, .search, .media video, .media audio { display: none; }
  .post { content-visibility: visible; contain-intrinsic-size: none; }
  .gap, .verdict, .quote, .media, .changes { break-inside: avoid; }
  .verdict, .changes { border: 1px solid #999; }
  h1, h2, h3, .post > header { break-after: avoid; }
  a[href^="http"]:not(.bare, .mention, .hashtag)::after {
    content: " (" attr(href) ")"; font-size: .8em; word-break: break-all;
  }
}
"""
