"""Normalisation, embedding and dropout, each row under torch and under gradb."""

from op_parity import Row

_L = "x:4,3 w:3 b:3"
_B = "x:4,3 w:3 b:3 m:3 v:positive:3"
_BI = "x:2,3,2,4 w:3 b:3 m:3 v:positive:3"
_G = "x:2,4,3 w:4 b:4"

NORMALIZATION_ROWS = [
    Row("F.layer_norm(x, (3,), w, b)", _L),
    Row("torch.layer_norm(x, [3])", _L),
    Row("F.layer_norm(x, (3,), w)", _L),
    Row("F.layer_norm(x, (4, 3), eps=0.1)", _L),
    Row("F.layer_norm(x, (4, 3), w, b)", "x:2,4,3 w:4,3 b:4,3"),
    Row("F.layer_norm(x.detach(), (3,), w, b)", _L),
    Row("F.layer_norm(x, (3,), w.detach(), b.detach())", _L),
    Row("F.layer_norm(x[:0], (3,), w, b)", _L),
    Row("F.layer_norm(x, (3,), w, b)", "x:2,2,3 w:3 b:3"),
    Row("F.batch_norm(x, None, None, w, b, True)", _B),
    Row("F.batch_norm(x, m.detach(), v.detach(), w, b, True)", _B),
    Row("n, u = m.detach(), v.detach(); F.batch_norm(x, n, u, w, b, True, 0.3), n, u, n._version, u._version", _B),
    Row("F.batch_norm(x, m.detach(), v.detach(), w, b)", _B),
    Row("F.batch_norm(x, m.detach(), v.detach(), training=True, eps=0.01)", _B),
    Row("F.batch_norm(x, m.detach(), v.detach())", _B),
    Row("F.batch_norm(x.detach(), m.detach(), v.detach(), w, b, True)", _B),
    Row("F.batch_norm(x, None, None, w, b, True)", _BI),
    Row("n, u = m.detach(), v.detach(); F.batch_norm(x, n, u, w, b, True), n, u", _BI),
    Row("F.batch_norm(x, m.detach(), v.detach(), w, b, False)", _BI),
    Row("F.batch_norm(x[:0], m.detach(), v.detach(), w, b, True)", _BI),
    Row("F.batch_norm(x, None, None, w, b, True)", "x:2,3,4 w:3 b:3"),
    Row("F.group_norm(x, 2, w, b)", _G),
    Row("F.group_norm(x, 2)", _G),
    Row("torch.group_norm(x, 4, w)", _G),
    Row("F.group_norm(x, 1, w, b, 0.1)", "x:2,4,3,2 w:4 b:4"),
    Row("F.group_norm(x[:, :, 0], 1, w, b)", _G),
    Row("F.group_norm(x[:0], 2, w, b)", _G),
    Row("F.rms_norm(x, (3,), w)", _L),
    Row("F.rms_norm(x, (3,))", _L),
    Row("F.rms_norm(x, (4, 3), eps=0.1)", _L),
    Row("F.rms_norm(x.detach(), (3,), w)", _L),
    Row("F.normalize(x)", _L),
    Row("F.normalize(x, p=1, dim=0)", _L),
    Row("F.normalize(x, 3.0, -1, 1e-3)", _L),
    Row("F.normalize(x * 0)", _L, second=False),
    # mistakes
    Row("F.layer_norm(x, 3)", _L),
    Row("F.layer_norm(x, (4,))", _L),
    Row("F.layer_norm(x, (3,), x[0, :2])", _L),
    Row("F.layer_norm(x, (3,))", "x:int5:2,3"),
    Row("F.layer_norm(x.double(), (3,), w.float(), b.float())", _L),
    Row("F.batch_norm(x.double(), None, None, w.float(), b.float(), True)", _B),
    Row("F.batch_norm(x, None, None)", _B),
    Row("F.batch_norm(x[:1], None, None, training=True)", _B),
    Row("F.batch_norm(x, m[:2].detach(), v.detach())", _B),
    Row("F.batch_norm(x, None, None, w[:2], training=True)", _B),
    Row("F.group_norm(x, 3)", _G),
    Row("F.group_norm(w, 2)", _G),
    Row("F.group_norm(x, 2, w[:2])", _G),
    Row("F.rms_norm(x, (4,))", _L),
    Row("F.normalize(x, dim=2)", _L),
]

_E = "w:5,4 i:int5:2,3"

EMBEDDING_ROWS = [
    Row("F.embedding(i, w)", _E),
    Row("torch.embedding(w, i)", _E),
    Row("F.embedding(i, w, padding_idx=1)", "w:5,4 i:int3:4,5"),
    Row("F.embedding(i, w, padding_idx=-1)", _E),
    Row("F.embedding(i, w, scale_grad_by_freq=True)", _E, second=False),
    Row("F.embedding(i.int(), w)", _E),
    Row("F.embedding(i[0, 0], w)", _E),
    Row("F.embedding(i[:0], w)", _E),
    Row("v = w.detach().clone(); F.embedding(i, v, max_norm=1.0), v", _E),
    Row("F.embedding(i + 5, w)", _E),
    Row("F.embedding(i - 7, w)", _E),
    Row("F.embedding(i.float(), w)", _E),
    Row("F.embedding(i, w, padding_idx=7)", _E),
    Row("F.embedding(i, w[0])", _E),
]

DROPOUT_ROWS = [
    Row("torch.manual_seed(3); F.dropout(x, 0.3)", "x:4,5"),
    Row("torch.manual_seed(3); F.dropout(x, 0.3), F.dropout(x)", "x:4,5"),
    Row("torch.manual_seed(3); torch.dropout(x, 0.3, True)", "x:4,5"),
    Row("torch.manual_seed(3); F.dropout(x * 1, 0.5, inplace=True)", "x:4,5"),
    Row("F.dropout(x, 0.3, training=False) * 1", "x:4,5"),
    Row("F.dropout(x * 1, 0.0)", "x:4,5"),
    Row("F.dropout(x, 1.0)", "x:4,5"),
    Row("F.dropout(x * 1, 1.0, inplace=True)", "x:4,5"),
    Row("F.dropout(x[:0])", "x:4,5"),
    Row("torch.manual_seed(3); F.dropout2d(x)", "x:4,5,2,2"),
    Row("torch.manual_seed(3); F.dropout2d(x)", "x:4,5,2"),
    Row("torch.manual_seed(3); F.dropout(x[:, ::2])", "x:4,5"),
    Row("torch.manual_seed(3); F.dropout1d(x, 0.4)", "x:4,5,3"),
    Row("torch.manual_seed(3); F.dropout1d(x, 0.4)", "x:4,5"),
    Row("F.dropout(x, 1.2)", "x:4,5"),
    Row("torch.dropout(x, 1.2, True)", "x:4,5"),
    Row("F.dropout(x)", "x:int5:4"),
]
