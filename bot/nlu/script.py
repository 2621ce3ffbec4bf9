"""One spelling for one character, position by position.

`plain` never changes the length of a text, so a span found in its result is a span of the text
as it was written.
"""

from __future__ import annotations

from functools import cache

_TRADITIONAL = """
藥药 醫医 點点 鐘钟 鍾钟 時时 間间 兩两 倆俩 壹一 貳二 貮二 叄三 肆四 伍五 柒七 捌八 玖九 拾十 弐二 個个 箇个
顆颗 針针 劑剂 週周 號号 單单 雙双 飯饭 後后 過过 開开 關关 設设 鬧闹 幫帮 請请 給给 藍蓝 緩缓 釋释 膠胶 漿浆 噴喷 貼贴
錠锭 剋克 勻匀 氫氢 鹽盐 鋰锂 鈉钠 鎂镁 鈣钙 鉀钾 羅罗 蘭兰 爾尔 維维 樂乐 達达 靜静 銳锐 匯汇 優优 憂忧 復复 寧宁 來来
麗丽 蘇苏 倫仑 崙仑 齊齐 醯酰 貝贝 馬马 奧奥 諾诺 環环 試试 說说 讓让 還还 這这 們们 會会 對对 沒没 麼么 嗎吗 裡里 裏里
從从 為为 與与 並并 現现 續续 繼继 斷断 買买 領领 檢检 驗验 測测 診诊 複复 覆复 訪访 級级 憶忆 廳厅 護护 員员 務务 衛卫
區区 鄉乡 鎮镇 縣县 體体 療疗 據据 調调 減减 換换 變变 動动 舊旧 曆历 歷历 陰阴 陽阳 農农 節节 國国 慶庆 雲云 電电 話话
訊讯 聽听 講讲 讀读 寫写 認认 識识 記记 誌志 錯错 錄录 難难 頭头 腦脑 臉脸 腳脚 腎肾 膽胆 腸肠 癥症 爺爷 媽妈 兒儿 孫孙
婦妇 閨闺 親亲 屬属 顧顾 養养 長长 強强 壓压 糧粮 滿满 嚥咽 嘔呕 瀉泻 發发 燒烧 熱热 涼凉 溫温 飲饮 飽饱 餓饿 饑饥 睏困
臥卧 樣样 種种 類类 顏颜 紅红 綠绿 黃黄 當当 應应 該该 總总 經经 暫暂 終终 結结 約约 預预 備备 準准 確确 實实 際际 見见
觀观 覺觉 學学 習习 業业 東东 車车 門门 問问 題题 愛爱 歡欢 謝谢 費费 錢钱 貴贵 賣卖 張张 條条 塊块 幾几 萬万 億亿 數数
計计 筆笔 紙纸 隨随 邊边 遠远 進进 運运 遲迟 遞递 選选 適适 連连 場场 塗涂 補补 餘余 贖赎 啓启 啟启 恆恒 無无 於于 卻却
雖虽 儘尽 盡尽 誰谁 嚴严 囉啰 嘍喽 喲哟 邨村 晝昼 喫吃 葯药
"""

_LOOKALIKE = {
    "：": ":",
    "﹕": ":",
    "∶": ":",
    "︰": ":",
    "，": ",",
    "﹐": ",",
    "；": ";",
    "（": "(",
    "）": ")",
    "【": "(",
    "】": ")",
    "＃": "#",
    "－": "-",
    "—": "-",
    "–": "-",
    "―": "-",
    "～": "~",
    "〜": "~",
    "×": "*",
    "✕": "*",
    "＊": "*",
    "·": ".",
    "•": "\n",
    "●": "\n",
    "・": ".",
    "？": "?",
    "！": "!",
    "⁄": "/",
    "∕": "/",
    "\u00a0": " ",
    "\u3000": " ",
    "\t": " ",
    "\r": "\n",
    "µ": "u",
    "μ": "u",
}


@cache
def _table() -> dict[int, str]:
    table = {ord(old): new for old, new in _LOOKALIKE.items()}
    for code in range(0xFF01, 0xFF5F):  # full-width forms of ASCII
        table.setdefault(code, chr(code - 0xFEE0))
    for code, char in list(table.items()):
        table[code] = char.lower()
    for pair in _TRADITIONAL.split():
        old, new = pair[0], pair[1]
        if old != new:
            table[ord(old)] = new
    table |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    return table


def plain(text: str) -> str:
    """`text` with half-width signs, small letters and simplified characters, same length."""
    return text.translate(_table())
