"""A classifier with a loader, two parameter groups, clipping, a schedule and a checkpoint, in plain PyTorch."""

import tempfile
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
x = torch.randn(40, 3)
y = (x.sum(1) > 0).long()
train, test = random_split(TensorDataset(x, y), [0.8, 0.2], generator=torch.Generator().manual_seed(1))
loader = DataLoader(train, batch_size=8, shuffle=True)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 0.02}]
optimizer = optim.RMSprop(groups, lr=0.01, momentum=0.9)
schedule = lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, steps_per_epoch=len(loader), epochs=3)

for epoch in range(3):
    model.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
        optimizer.step()
        schedule.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        right = sum((model(xb).argmax(1) == yb).sum().item() for xb, yb in DataLoader(test, batch_size=4))
    print(epoch, f"{total:.4f}", right, f"{schedule.get_last_lr()[0]:.6f}")

path = Path(tempfile.mkdtemp()) / "model.pth"
torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
checkpoint = torch.load(path, weights_only=True)
model.load_state_dict(checkpoint["model"])
optimizer.load_state_dict(checkpoint["optimizer"])
print(sorted(checkpoint["optimizer"]["state"][0]), optimizer.param_groups[1]["lr"])
