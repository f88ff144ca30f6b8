import "@tiao/ui/tokens.css";
import "./words";
import "./wallet.css";
import { createRoot } from "react-dom/client";
import { Wallet } from "./Wallet";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(<Wallet />);
