/** How the whole model's answer moves with its most important features. */
import type { ModelFacts } from "../facts/index.ts";
import { type Html, html, NOTHING } from "../html.ts";
import { effectFigures } from "../regimes/index.ts";

export function effectsSection({ effects, target }: ModelFacts): Html {
  if (effects.length === 0) return NOTHING;
  return html`<section>
<h2>How the answer moves</h2>
${effectFigures(effects, "page")}
<p class="note">Curves are the model’s mean answer for ${target} as one feature changes and the
others keep their values (partial dependence), all on one scale; ± is the standard deviation of that
answer.</p>
</section>`;
}
