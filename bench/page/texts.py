"""What people write in the rooms of the bench, Chinese and English: the same text for the same number."""

import random

_PHRASES = (
    "今天下午三点开会，记得带上周的数据。", "好的", "收到，马上看。", "茶馆新版本已经部署到测试环境了",
    "the build is green again", "could somebody look at the queue?", "I think it was the cache", "thanks!",
    "周五之前能给我一个估时吗？", "请看 https://example.com/reports/2026/11 的第三节", "ok", "let's ship it on Monday",
    "数据库迁移需要十分钟左右，期间只读。", "the tea is in the kitchen, second shelf", "哈哈哈", "+1",
)  # fmt: skip


def text_of(number: int) -> str:
    """Most are a phrase or two, one in ten is long, one in twelve has marks. Its number is in each."""
    source = random.Random(number)
    kind = source.random()
    if kind < 0.08:
        return f"**#{number}** {source.choice(_PHRASES)} `retry={source.randrange(9)}` *{source.choice(_PHRASES)}*"
    if kind < 0.1:
        return f"#{number}\n```python\nfor attempt in range({source.randrange(9)}):\n    connect()\n```"
    phrases = source.randint(12, 24) if kind < 0.2 else source.randint(1, 3)
    return f"#{number} " + " ".join(source.choice(_PHRASES) for _ in range(phrases))
