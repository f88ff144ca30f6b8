import "@tiao/desk/trusted";
import "@tiao/ui/tokens.css";
import "./words";
import "@tiao/desk/desk.css";
import { Desk } from "@tiao/desk/Desk";
import { initial, learn } from "@tiao/ui";
import { createRoot } from "react-dom/client";
import { Shell } from "./Shell";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
await learn(initial().language);
createRoot(root).render(
  <Desk role="merchant">
    <Shell />
  </Desk>,
);
