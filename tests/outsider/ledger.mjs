// Asking a node: JSON-RPC, with the ABI encoded by hand. All answers are of one final block.
export class Unreachable extends Error {}

const HEAD_ADVANCED = "0xf4419d6576c7bd99598a26b995d15eb0d79dbcb18e2f3247d516f293194a8e0a";
const hex = (value) => "0x" + BigInt(value).toString(16);
const word = (value) =>
  (Buffer.isBuffer(value) ? value.toString("hex") : BigInt(value).toString(16)).padStart(64, "0");
export const number = (bytes) => BigInt("0x" + bytes.toString("hex"));
/** Whether a period, two words, holds at a time. */
export const holds = ([from, until], time) =>
  number(from) !== 0n && number(from) <= time && (number(until) === 0n || time < number(until));

/** The words of the ABI array that stands at a place. */
export function array(words, place) {
  const start = Number(number(words[place])) / 32;
  const end = start + 1 + Number(number(words[start] ?? Buffer.alloc(1)));
  if (!(end <= words.length)) throw new Unreachable("the node answers otherwise: no ABI array");
  return words.slice(start + 1, end);
}

export class Ledger {
  static async open(url, trust, tag) {
    const ledger = Object.assign(new Ledger(), { url, trust });
    const chain = BigInt(await ledger.ask("eth_chainId"));
    ledger.final = await ledger.block(tag);
    if (chain !== BigInt(trust.chain_id) || !ledger.final) throw new Unreachable("the node is of another chain");
    return ledger;
  }
  async ask(method, ...params) {
    try {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const headers = { "content-type": "application/json" };
      const signal = AbortSignal.timeout(20_000);
      const { error, result } = await (await fetch(this.url, { method: "POST", headers, body, signal })).json();
      if (error || result === undefined) throw new Error(JSON.stringify(error));
      return result;
    } catch (error) {
      throw new Unreachable(`${method}: ${error.message}`);
    }
  }
  async block(at) {
    const found = await this.ask("eth_getBlockByNumber", typeof at === "string" ? at : hex(at), false);
    return found && { number: BigInt(found.number), hash: found.hash, time: BigInt(found.timestamp) };
  }
  /** The words, `least` of them or more, that a function of a contract answers. */
  async call(contract, selector, least, ...values) {
    const data = "0x" + selector + values.map(word).join("");
    const to = this.trust[contract];
    const answer = await this.ask("eth_call", { to, data }, hex(this.final.number));
    const words = answer.slice(2).match(/[0-9a-f]{64}/g) ?? [];
    if (words.length < least) throw new Unreachable(`${selector}: the node answers otherwise`);
    return words.map((each) => Buffer.from(each, "hex"));
  }
  /** Where a head was accepted, between two heights: block and transaction, or undefined. */
  async advanced(log, epoch, size, first, last) {
    const topics = [HEAD_ADVANCED, "0x" + word(log), "0x" + word(epoch)];
    const filter = { address: this.trust.usage_ledger, topics, fromBlock: hex(first), toBlock: hex(last) };
    const event = (await this.ask("eth_getLogs", filter)).find(({ data }) => BigInt(data.slice(0, 66)) === size);
    const block = event && (await this.block(event.blockNumber));
    if (event && block?.hash !== event.blockHash) throw new Unreachable("the node contradicts itself");
    return event && { ...block, transaction: event.transactionHash };
  }
}
