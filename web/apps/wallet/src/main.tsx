import "@tiao/ui/tokens.css";
import "./words";
import "./wallet.css";
import { initial, learn } from "@tiao/ui";
import { createRoot } from "react-dom/client";
import { applyElder } from "./elder";
import { losePatience } from "./patience";
import { Wallet } from "./Wallet";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
applyElder();
losePatience();
await learn(initial().language);
createRoot(root).render(<Wallet />);
