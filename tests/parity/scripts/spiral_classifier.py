"""A classifier of three spirals: a network with dropout, Adam with weight decay, and accuracy in eval mode."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def spirals(points: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = [], []
    for k in range(classes):
        radius = torch.linspace(0.1, 1, points)
        angle = torch.linspace(k * 2 * math.pi / classes, k * 2 * math.pi / classes + 4, points)
        angle = angle + 0.1 * torch.rand(points)
        inputs.append(torch.stack([radius * torch.sin(angle), radius * torch.cos(angle)], dim=1))
        targets.append(torch.full((points,), k, dtype=torch.long))
    return torch.cat(inputs), torch.cat(targets)


class Classifier(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.first = nn.Linear(2, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(hidden, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.first(x))
        x = self.drop(F.relu(self.second(x)))
        return self.head(x)


torch.manual_seed(0)
x, y = spirals(40, 3)
model = Classifier(24)
print(model)
print(sum(p.numel() for p in model.parameters()), "parameters")
optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=0.01)
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)

for epoch in range(30):
    model.train()
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if epoch % 10 == 0:
        model.eval()
        with torch.no_grad():
            accuracy = (model(x).argmax(dim=1) == y).float().mean()
        print(f"epoch {epoch}: loss {loss.item():.3f} norm {norm.item():.2f} accuracy {accuracy.item():.2f}")

print({name: tuple(p.shape) for name, p in model.state_dict().items()})
