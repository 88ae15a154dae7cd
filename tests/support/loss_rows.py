"""Losses, each row under torch and under gradb."""

from op_parity import Row

_AB = "a:2,3 t:2,3"
_DIFFERENCES = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]
_CLASSES = "a:4,3 y:int3:4 w:positive:3"
_IMAGE = "a:2,3,2,2 y:int3:2,2,2 w:positive:3"
_PROBABILITIES = "a:4,3 p:unit:4,3 w:positive:3"

REGRESSION_ROWS = [
    *[Row(f"F.{f}(a, t)", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a, t.detach(), reduction='{r}')", _AB) for f in _DIFFERENCES for r in ("none", "sum", "mean")],
    *[Row(f"F.{f}(a.detach(), t)", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a, t[0])", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a[:1], t)", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a, t[:, :2])", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a[:0], t[:0])", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a, t, reduction='max')", _AB) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a, a.detach())", _AB, second=False) for f in _DIFFERENCES],
    *[Row(f"F.{f}(a, t, weight=w)", "a:2,3 t:2,3 w:positive:2,3") for f in ("mse_loss", "l1_loss", "huber_loss")],
    *[Row(f"F.{f}(a, t, weight=w, reduction='none')", "a:2,3 t:2,3 w:positive:2,3") for f in ("mse_loss", "l1_loss")],
    Row("F.mse_loss(a, t, weight=w[0])", "a:2,3 t:2,3 w:positive:2,3"),
    Row("F.mse_loss(a.double(), t.float())", _AB, second=False),
    Row("F.mse_loss(a[0, 0], t[0, 0])", _AB),
    Row("F.l1_loss(a, t, size_average=False)", _AB),
    Row("F.mse_loss(a, t, reduce=False)", _AB),
    Row("F.smooth_l1_loss(a, t, beta=0.5)", _AB),
    Row("F.smooth_l1_loss(a, t, beta=0.0)", _AB),
    Row("F.smooth_l1_loss(a, t, beta=-1.0)", _AB),
    Row("F.huber_loss(a, t, 'sum', 2.0)", _AB),
    Row("F.huber_loss(a, t, delta=0.5)", _AB),
    Row("F.huber_loss(a, t, delta=0)", _AB),
    Row("F.smooth_l1_loss(a, t.detach() * 0)", "a:tied:2,3 t:2,3", second=False),
    Row("F.huber_loss(a, t.detach() * 0)", "a:tied:2,3 t:2,3", second=False),
]

CLASS_ROWS = [
    Row("F.nll_loss(a, y)", _CLASSES),
    Row("F.nll_loss(a, y, w.detach())", _CLASSES),
    Row("F.nll_loss(a, y, w.detach(), reduction='sum')", _CLASSES),
    Row("F.nll_loss(a, y, w.detach(), reduction='none')", _CLASSES),
    Row("F.nll_loss(a, y, reduction='none')", _CLASSES),
    Row("F.nll_loss(a, y, ignore_index=1)", _CLASSES),
    Row("F.nll_loss(a, y, w.detach(), ignore_index=1)", _CLASSES),
    Row("F.nll_loss(a, y * 0 - 100)", _CLASSES, second=False),
    Row("F.nll_loss(a[0], y[0])", _CLASSES),
    Row("F.nll_loss(a[:0], y[:0])", _CLASSES, second=False),
    Row("F.nll_loss(a, y.to(torch.uint8))", _CLASSES),
    Row("F.nll_loss(a, y)", _IMAGE, layouts=("plain",)),
    Row("F.nll_loss(a, y, w.detach(), reduction='none')", _IMAGE, layouts=("plain",)),
    Row("F.nll_loss(a, y)", "a:2,3,4 y:int3:2,4"),
    Row("F.nll_loss(a, y, reduction='none')", "a:2,3,4 y:int3:2,4"),
    Row("F.nll_loss(a, y)", "a:2,3,2,2,2 y:int3:2,2,2,2"),
    Row("F.cross_entropy(a, y)", _CLASSES),
    Row("F.cross_entropy(a, y, ignore_index=3)", "a:200,10 y:int10:200"),
    Row("F.cross_entropy(a, y, label_smoothing=0.1)", "a:200,10 y:int10:200"),
    Row("F.cross_entropy(a * 300, y)", _CLASSES),
    Row("F.cross_entropy(a, y, w.detach())", _CLASSES),
    Row("F.cross_entropy(a, y, ignore_index=1)", _CLASSES),
    *[
        Row(f"F.cross_entropy(a, y, {w}label_smoothing=0.1, ignore_index={i}, reduction='{r}')", _CLASSES)
        for w in ("", "w.detach(), ")
        for i in (-100, 1)
        for r in ("mean", "sum", "none")
    ],
    Row("F.cross_entropy(a[0], y[0])", _CLASSES),
    Row("F.cross_entropy(a[0], y[0], label_smoothing=0.1)", _CLASSES),
    Row("F.cross_entropy(a, y, w.detach(), label_smoothing=0.1)", _IMAGE),
    Row("F.cross_entropy(a, y)", _IMAGE),
    Row("F.cross_entropy(a[:0], y[:0])", _CLASSES, second=False),
    *[
        Row(f"F.cross_entropy(a, p.softmax(1).detach(), {w}label_smoothing={s}, reduction='{r}')", _PROBABILITIES)
        for w in ("", "w.detach(), ")
        for s in (0.0, 0.1)
        for r in ("mean", "sum", "none")
    ],
    Row("F.cross_entropy(a, p)", _PROBABILITIES),
    Row("F.cross_entropy(a[0], p[0])", _PROBABILITIES),
    Row("F.cross_entropy(a[:0], p[:0])", _PROBABILITIES, second=False),
    # mistakes
    Row("F.nll_loss(a, y[:1])", _CLASSES),
    Row("F.nll_loss(a, y + 3)", _CLASSES),
    Row("F.nll_loss(a, y - 5)", _CLASSES),
    Row("F.nll_loss(a, y.float())", _CLASSES),
    Row("F.nll_loss(a, y.int())", _CLASSES),
    Row("F.nll_loss(a, y, w[:2])", _CLASSES),
    Row("F.nll_loss(a, y.view(4, 1))", _CLASSES),
    Row("F.nll_loss(a[0], y)", _CLASSES),
    Row("F.nll_loss(a, y[0])", _CLASSES),
    Row("F.nll_loss(a, y, reduction='max')", _CLASSES),
    Row("F.nll_loss(a, y[:, :1])", _IMAGE),
    Row("F.cross_entropy(a, y[:1])", _CLASSES),
    Row("F.cross_entropy(a, y + 3)", _CLASSES),
    Row("F.cross_entropy(a, y.float())", _CLASSES),
    Row("F.cross_entropy(a, y, w[:2])", _CLASSES),
    Row("F.cross_entropy(a, y, label_smoothing=1.5)", _CLASSES),
    Row("F.cross_entropy(a, p, ignore_index=1)", _PROBABILITIES),
    Row("F.cross_entropy(a, p, w[:2])", _PROBABILITIES),
    Row("F.cross_entropy(a, p[0])", _PROBABILITIES),
    Row("F.cross_entropy(a, [0, 1])", _CLASSES),
]

_TWO = "p:positive:2,3 t:positive:2,3 w:positive:3"
_LOGITS = "a:2,3 t:unit:2,3 w:positive:3"

BINARY_ROWS = [
    Row("F.binary_cross_entropy(p / 4, t.detach() / 4)", _TWO),
    Row("F.binary_cross_entropy(p / 4, t / 4)", _TWO),
    Row("F.binary_cross_entropy(p / 4, t / 4, w.detach())", _TWO),
    Row("F.binary_cross_entropy(p / 4, t / 4, reduction='none')", _TWO),
    Row("F.binary_cross_entropy(p / 4, t / 4, w.detach(), reduction='sum')", _TWO),
    Row("F.binary_cross_entropy(p * 0, t.detach() / 4)", _TWO, second=False),
    Row("F.binary_cross_entropy(p * 0 + 1, t.detach() / 4)", _TWO, second=False),
    Row("F.binary_cross_entropy(p[:0], t[:0])", _TWO, second=False),
    Row("F.binary_cross_entropy_with_logits(a, t)", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t.detach())", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a * 100, t)", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t, w.detach())", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t, pos_weight=w.detach())", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t, w.detach(), pos_weight=w.detach(), reduction='sum')", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t, reduction='none')", _LOGITS),
    Row("F.soft_margin_loss(a, t.detach().sign())", _LOGITS),
    Row("F.binary_cross_entropy(p, t)", _TWO),
    Row("F.binary_cross_entropy(p / 4, t[0])", _TWO),
    Row("F.binary_cross_entropy(p / 4, t.long())", _TWO),
    Row("F.binary_cross_entropy(p / 4, t / 4, w[:2].detach())", _TWO),
    Row("F.binary_cross_entropy_with_logits(a, t[0])", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t.long())", _LOGITS),
    Row("F.binary_cross_entropy_with_logits(a, t, w[:2].detach())", _LOGITS),
]

DISTANCE_ROWS = [
    *[
        Row(f"F.kl_div(a, t.detach(), reduction='{r}', log_target={log})", "a:2,3 t:positive:2,3")
        for r in ("mean", "sum", "none", "batchmean")
        for log in (False, True)
    ],
    Row("F.kl_div(a, t)", "a:2,3 t:positive:2,3"),
    Row("F.kl_div(a, t[0].detach())", "a:2,3 t:positive:2,3"),
    Row("F.kl_div(a, (t * 0).detach())", "a:2,3 t:positive:2,3"),
    Row("F.kl_div(a, t, reduction='max')", "a:2,3 t:positive:2,3"),
    Row("F.kl_div(a, t.long())", "a:2,3 t:positive:2,3"),
    Row("torch.xlogy(a, t)", "a:2,3 t:positive:2,3"),
    Row("a.xlogy(t * 0)", "a:tied:2,3 t:positive:2,3", second=False),
    Row("torch.xlogy(a, 2.0)", "a:2,3"),
    Row("torch.xlogy(2, a)", "a:positive:2,3"),
    Row("F.cosine_similarity(a, t)", _AB),
    Row("torch.cosine_similarity(a, t, 0, 1e-3)", _AB),
    Row("F.cosine_similarity(a, t, -1)", _AB),
    Row("F.cosine_similarity(a, t.detach())", _AB),
    Row("F.cosine_similarity(a, t[:1])", _AB),
    Row("F.cosine_similarity(a[0], t[0], 0)", _AB),
    Row("F.cosine_similarity(a, t, 2)", _AB),
    Row("F.cosine_similarity(a, t[:, :2])", _AB),
    Row("F.pairwise_distance(a, t)", _AB),
    Row("F.pairwise_distance(a, t, 1.0, keepdim=True)", _AB),
    Row("F.hinge_embedding_loss(a, t.detach().sign())", _AB),
    Row("F.hinge_embedding_loss(a, t.detach().sign(), 2.0, reduction='none')", _AB),
    Row("F.hinge_embedding_loss(a, t, reduction='sum')", _AB),
    Row("F.hinge_embedding_loss(a, t[:, :2])", _AB),
    Row("F.margin_ranking_loss(a, b, t.detach().sign())", "a:2,3 b:2,3 t:2,3"),
    Row("F.margin_ranking_loss(a, b, t.detach(), 0.5, reduction='none')", "a:2,3 b:2,3 t:2,3"),
    Row("F.margin_ranking_loss(a, b, t, reduction='sum')", "a:2,3 b:2,3 t:2,3"),
    Row("F.margin_ranking_loss(a, b, t[0])", "a:2,3 b:2,3 t:2,3"),
    Row("F.cosine_embedding_loss(a, b, y * 2 - 1)", "a:4,3 b:4,3 y:int2:4"),
    Row("F.cosine_embedding_loss(a, b, y * 2 - 1, 0.2, reduction='none')", "a:4,3 b:4,3 y:int2:4"),
    Row("F.triplet_margin_loss(a, b, c)", "a:4,3 b:4,3 c:4,3"),
    Row("F.triplet_margin_loss(a, b, c, swap=True, margin=2.0)", "a:4,3 b:4,3 c:4,3"),
]
