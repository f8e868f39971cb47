//! How the page looks: one column to read, colours for what matters, light or dark as the reader
//! has it.

/// The style sheet.
pub(super) const STYLE: &str = "
:root{--bg:#fbfaf8;--card:#fff;--text:#1d2126;--quiet:#6b7280;--line:#e3e1dc;--field:#0b6e8f;--wrong:#b3261e;\
--wrongbg:#fdf0ee;--good:#1f7a4d;--goodbg:#eef8f2;--odd:#96690a;--code:#f1efe9}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--card:#1c2026;--text:#e4e6e9;--quiet:#98a1ac;--line:#333a43;\
--field:#6cc7e6;--wrong:#ff8a80;--wrongbg:#2e1e1e;--good:#74d1a0;--goodbg:#18281f;--odd:#e3b341;--code:#262c34}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif}
main{max-width:66rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
header{color:var(--quiet);font-size:.875rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-bottom:1.25rem}
.brand{font-weight:600;color:var(--text)}
h1{font-size:1.5rem;line-height:1.35;margin:.25rem 0 0;font-weight:650;overflow-wrap:anywhere}
h2{font-size:.8125rem;letter-spacing:.06em;text-transform:uppercase;color:var(--quiet);margin:0 0 .5rem;font-weight:600}
section{margin:0 0 2rem}
.verdict{background:var(--wrongbg);border-left:5px solid var(--wrong);border-radius:6px;padding:1.1rem 1.4rem}
.verdict.good{background:var(--goodbg);border-color:var(--good)}
.tags{margin:0;font-size:.875rem;color:var(--quiet)}
.grade{display:inline-block;border-radius:999px;padding:0 .65em;font-size:.8125rem;font-weight:600;\
border:1px solid currentColor}
.grade.proved{color:var(--wrong)}.grade.observed{color:var(--odd)}.grade.inferred,.grade.possible{color:var(--quiet)}
.fix{margin-top:1rem}.fix h2{color:var(--good)}
p.quiet{color:var(--quiet);font-size:.875rem;margin:.4rem 0}
ul{margin:0;padding-left:1.2rem}li{margin:.2rem 0;overflow-wrap:anywhere}
.change{color:var(--good);margin:.25rem 0}
article{border-left:3px solid var(--line);padding-left:1rem;margin:.9rem 0}article p{margin:.2rem 0}
code,pre,.hex{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
code{background:var(--code);border-radius:4px;padding:.05em .35em}
pre{background:var(--code);border-radius:6px;padding:.6rem .9rem;overflow-x:auto;margin:.3rem 0 .8rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--quiet);font-weight:500}.shown{font-weight:650}
details{border:1px solid var(--line);background:var(--card);border-radius:6px;margin:.5rem 0;padding:.4rem .9rem}
summary{cursor:pointer}summary .quiet{color:var(--quiet);font-size:.875rem}
details p{margin:.5rem 0;color:var(--quiet);max-width:48rem}
.ladder svg{width:100%;height:auto;display:block;background:var(--card);border:1px solid var(--line);border-radius:6px}
svg text{font-family:system-ui,-apple-system,'Segoe UI',sans-serif;fill:var(--text)}
svg .quiet{fill:var(--quiet)}svg .life{stroke:var(--line);stroke-width:2}
svg .plain{stroke:var(--text)}svg .opened{stroke:var(--field)}svg .closed{stroke:var(--quiet);stroke-dasharray:2 3}
svg .transport{stroke:var(--quiet);stroke-dasharray:6 4}svg .odd{stroke:var(--odd);stroke-dasharray:6 4}
svg .wrong{stroke:var(--wrong);stroke-width:2}
svg .t-opened{fill:var(--field)}svg .t-wrong{fill:var(--wrong);font-weight:650}svg .t-odd{fill:var(--odd)}
svg .t-transport,svg .t-closed{fill:var(--quiet)}
.dump{width:100%;overflow-x:auto}.dump table{font-size:.8125rem}
.dump td{border:0;padding:.05rem .8rem .05rem 0}.dump .at{color:var(--quiet);text-align:right;width:4rem}
.dump .hex{font-size:1em;white-space:pre;color:var(--quiet);width:15rem}
.dump .name{color:var(--field)}.dump .problem{color:var(--wrong);font-weight:600}
.dump .teach{color:var(--quiet);font-style:italic;max-width:44rem}
";
