/** The extension of JupyterLab with which a chapter's notebooks, side by side, follow each other. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { Following } from "./following";
import { showTitles } from "./folds";
import { followIcon, runIcon } from "./icons";
import { remember, runSection } from "./running";

const RUN = "triptych-panes:run-section";
const FOLLOW = "triptych-panes:follow";

const plugin: JupyterFrontEndPlugin<void> = {
  id: "triptych-panes:plugin",
  description: "A chapter's notebooks, side by side, follow each other.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ICommandPalette],
  activate: (
    { commands }: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
  ) => {
    const following = new Following(tracker);
    const settings = registry?.load(plugin.id).then(
      (loaded) => {
        const apply = (): void => {
          following.on = loaded.get("follow").composite !== false;
          commands.notifyCommandChanged(FOLLOW);
        };
        loaded.changed.connect(apply);
        apply();
        return loaded;
      },
      (reason) => console.warn("The panes' setting was not read.", reason),
    );
    commands.addCommand(RUN, {
      label: "Run This Section in All Panes",
      caption: "Run this section in all panes, and the cells above it that have not run yet",
      icon: runIcon,
      isEnabled: () => tracker.currentWidget !== null,
      execute: () => runSection(following),
    });
    commands.addCommand(FOLLOW, {
      label: "Panes Follow Each Other",
      caption: "The other panes go to the heading that you scroll to in one",
      icon: followIcon,
      isToggleable: true,
      isToggled: () => following.on,
      execute: async () => {
        following.on = !following.on;
        commands.notifyCommandChanged(FOLLOW);
        await (await settings)?.set("follow", following.on);
      },
    });
    for (const command of [RUN, FOLLOW]) palette?.addItem({ command, category: "Notebook Operations" });
    tracker.currentChanged.connect(() => commands.notifyCommandChanged(RUN));
    following.listen();
    remember(tracker);
    showTitles(tracker);
  },
};

export default plugin;
